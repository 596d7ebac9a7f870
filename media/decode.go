package media

import (
	"context"
	"errors"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"suraag/fault"
	"suraag/media/jpegplane"
)

type picture = image.Image

// format is one kind of picture that can be decoded.
type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	weigh  func(image.Config, io.Reader) float64 // bytes per pixel at most while decoding

	// fast reads the common forms and may say that the file is none of them; nil if there is none.
	fast func(context.Context, []byte) (image.Image, error)
}

// formatOf finds the decoder of a media type. A GIF gives its first frame, as it lies in the file; an
// animated WebP is refused by its decoder.
func formatOf(mediaType string) (format, bool) {
	f, known := map[string]format{
		"image/jpeg": {jpeg.DecodeConfig, jpeg.Decode, weighJPEG, jpegplane.Decode},
		"image/png":  {png.DecodeConfig, png.Decode, weighPNG, nil},
		"image/gif":  {gif.DecodeConfig, gif.Decode, flat(2), nil},
		"image/webp": {webp.DecodeConfig, webp.Decode, flat(12), nil},
		"image/bmp":  {bmp.DecodeConfig, bmp.Decode, flat(4), nil},
		"image/tiff": {tiff.DecodeConfig, tiff.Decode, weighTIFF, nil},
	}[mediaType]
	return f, known
}

// Decode gives the picture in size bytes, within the limits, and its media type.
//
// Errors by kind: fault.Invalid for limits of zero or less, for a file that is no
// picture and for a form of picture that no decoder here knows; fault.TooLarge for a
// limit passed, the time included; fault.Corrupt for damaged bytes, and for a
// decoder that panicked on them; fault.Unavailable if the context ended.
func Decode(ctx context.Context, r io.ReaderAt, size int64, limits Limits) (img image.Image, mediaType string, err error) {
	if err := limits.check(size); err != nil {
		return nil, "", err
	}
	if mediaType, err = sniffAt(r, size); err != nil {
		return nil, "", err
	}
	err = within(ctx, r, size, mediaType, limits, func(pic picture) error {
		img = pic
		return nil
	})
	return img, mediaType, err
}

// within decodes the picture and hands it to use, both inside the limits and
// neither able to bring the program down.
func within(ctx context.Context, r io.ReaderAt, size int64, mediaType string, limits Limits, use func(picture) error) (err error) {
	f, known := formatOf(mediaType)
	if loader, outside := loaders[mediaType]; outside {
		return foreign(ctx, loader, r, size, mediaType, limits, use)
	}
	if !known {
		return fault.Newf(fault.Invalid, "%s: no decoder for this kind of file", mediaType)
	}
	if size > limits.Bytes {
		return fault.Newf(fault.TooLarge, "%s: the file has %d bytes, the limit is %d", mediaType, size, limits.Bytes)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limits.Time, errTime)
	defer cancel()
	var broken error
	open := func() io.Reader {
		return &bounded{SectionReader: io.NewSectionReader(r, 0, size), ctx: ctx, broken: &broken}
	}
	defer func() {
		if p := recover(); p != nil {
			err = fault.Newf(fault.Corrupt, "%s: the decoder broke on these bytes: %v", mediaType, p)
		}
		switch {
		case err == nil:
		case errors.Is(context.Cause(ctx), errTime):
			err = fault.Newf(fault.TooLarge, "%s: not decoded within %s, the limit", mediaType, limits.Time)
		case broken != nil:
			err = fault.Newf(fault.Unavailable, "%s: reading stopped: %w", mediaType, broken)
		}
	}()
	need, err := f.admit(open, mediaType, limits)
	if err != nil {
		return err
	}
	img, err := f.read(ctx, open, size, limits.Memory-2*need)
	if err != nil {
		return sorted(mediaType, err)
	}
	return fault.Wrapf(use(img), "%s", mediaType)
}

// read decodes by the fast way if there is one and the whole file fits in the room that is
// left; there must be as much beside it for the other way, which has the last word on every
// file that the fast one does not read, also when that was because the context ended.
func (f format) read(ctx context.Context, open func() io.Reader, size, room int64) (image.Image, error) {
	if f.fast != nil && size <= room {
		file := make([]byte, size)
		if _, err := io.ReadFull(open(), file); err == nil {
			if img, err := f.fast(ctx, file); err == nil {
				return img, nil
			}
		}
	}
	return f.decode(open())
}

// admit refuses by the claimed size before anything of that size is made, and tells
// how much memory the picture may take.
func (f format) admit(open func() io.Reader, mediaType string, limits Limits) (int64, error) {
	c, err := f.config(open())
	if err != nil {
		return 0, sorted(mediaType, err)
	}
	w, h := int64(c.Width), int64(c.Height)
	if w <= 0 || h <= 0 {
		return 0, fault.Newf(fault.Corrupt, "%s: claims %dx%d pixels", mediaType, w, h)
	}
	if w > limits.Pixels/h {
		return 0, fault.Newf(fault.TooLarge, "%s: claims %dx%d pixels, the limit is %d in all", mediaType, w, h, limits.Pixels)
	}
	need := int64(f.weigh(c, open())*float64(w)*float64(h)) + weighHash(w, h)
	if need > limits.Memory {
		return 0, fault.Newf(fault.TooLarge, "%s: %dx%d pixels of this form need %d MiB to decode, the limit is %d", mediaType, w, h, need>>20, limits.Memory>>20)
	}
	return need, nil
}

// sorted names the format and tells a form that is not supported from damage.
func sorted(mediaType string, err error) error {
	var j jpeg.UnsupportedError
	var p png.UnsupportedError
	var t tiff.UnsupportedError
	if errors.As(err, &j) || errors.As(err, &p) || errors.As(err, &t) || errors.Is(err, bmp.ErrUnsupported) {
		return fault.Newf(fault.Invalid, "%s: a form that is not supported: %w", mediaType, err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fault.Newf(fault.Corrupt, "%s: the file ends in the middle of the picture: %w", mediaType, err)
	}
	return fault.Newf(fault.Corrupt, "%s: damaged: %w", mediaType, err)
}

// errTime tells our own limit from the caller's.
var errTime = errors.New("time limit")

// bounded is a reader that ends with its context and remembers what stopped it, since
// decoders do not all pass an error on.
type bounded struct {
	*io.SectionReader
	ctx    context.Context
	broken *error
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := context.Cause(b.ctx); err != nil {
		return 0, b.remember(err)
	}
	n, err := b.SectionReader.Read(p)
	return n, b.remember(err)
}

// ReadAt serves the TIFF decoder, which would copy the whole file otherwise.
func (b *bounded) ReadAt(p []byte, off int64) (int, error) {
	if err := context.Cause(b.ctx); err != nil {
		return 0, b.remember(err)
	}
	n, err := b.SectionReader.ReadAt(p, off)
	return n, b.remember(err)
}

func (b *bounded) remember(err error) error {
	if err != nil && err != io.EOF && *b.broken == nil {
		*b.broken = err
	}
	return err
}
