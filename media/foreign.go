package media

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"io"
	"regexp"
	"strconv"
	"time"

	"suraag/fault"
	"suraag/media/confine"
)

// loaders are the kinds of picture that vips reads for us, with the one loader of vips that may be used for each. They
// have no decoder in Go that could be taken in: the one for HEIC is libheif and libde265 (LGPL) compiled to a
// machine of its own, needs 315 MiB and looks for libraries on the system by itself.
var loaders = map[string]string{
	"image/heic": "heifload", "image/heif": "heifload", "image/avif": "heifload", "image/jxl": "jxlload",
}

// vipsBase is the address space that vips and its libraries take for themselves.
const vipsBase = 1 << 30

// foreign has vips read the picture, confined, and hands it to use. A turn that the container states
// is applied by the loader, as the formats demand. What vips decodes is not bit for bit what other
// decoders of these lossy formats give; the PDQ may differ by a few bits between versions.
func foreign(ctx context.Context, loader string, r io.ReaderAt, size int64, mediaType string, limits Limits, use func(picture) error) error {
	if size > limits.Bytes {
		return fault.Newf(fault.TooLarge, "%s: the file has %d bytes, the limit is %d", mediaType, size, limits.Bytes)
	}
	header, err1 := confine.Find("vipsheader")
	vips, err2 := confine.Find("vips")
	if err := errors.Join(err1, err2); err != nil {
		return fault.Newf(fault.Invalid, "%s: this kind of picture is read by vips, and %w (Debian: libvips-tools)", mediaType, err)
	}
	bounds := confine.Limits{Memory: limits.Memory + vipsBase, CPU: max(limits.Time, time.Second), Wall: limits.Time, Output: 4 << 10}
	var claimed vipsSize
	err := header.Run(ctx, []string{confine.Input}, r, size, bounds, func(out io.Reader) (err error) {
		claimed, err = readVipsSize(out)
		return err
	})
	if err != nil {
		return confined(ctx, mediaType, err)
	}
	if claimed.width > limits.Pixels/claimed.height {
		return fault.Newf(fault.TooLarge, "%s: claims %dx%d pixels, the limit is %d in all", mediaType, claimed.width, claimed.height, limits.Pixels)
	}
	need := claimed.width*claimed.height*8 + weighHash(claimed.width, claimed.height)
	if need > limits.Memory {
		return fault.Newf(fault.TooLarge, "%s: %dx%d pixels need %d MiB to decode, the limit is %d", mediaType, claimed.width, claimed.height, need>>20, limits.Memory>>20)
	}
	bounds.Output = need + 1<<20
	err = vips.Run(ctx, []string{loader, confine.Input, ".png[compression=0]"}, r, size, bounds, func(out io.Reader) error {
		img, err := claimed.read(bufio.NewReader(out))
		if err != nil {
			return err
		}
		_, _ = io.Copy(io.Discard, out)
		return use(img)
	})
	return confined(ctx, mediaType, err)
}

// confined makes of a system that cannot confine a problem of the picture: only a context that ended is
// no statement about it.
func confined(ctx context.Context, what string, err error) error {
	if fault.Is(err, fault.Unavailable) && ctx.Err() == nil {
		return fault.Newf(fault.Invalid, "%s: %w", what, err)
	}
	return fault.Wrapf(err, "%s", what)
}

// vipsSize is what a file claims of its picture.
type vipsSize struct{ width, height int64 }

// headerLine is how vipsheader describes a picture: "NAME: 1600x1004 uchar, 3 bands, srgb, heifload".
var headerLine = regexp.MustCompile(`: ([1-9][0-9]{0,9})x([1-9][0-9]{0,9}) `)

func readVipsSize(out io.Reader) (vipsSize, error) {
	line, err := io.ReadAll(out)
	if err != nil {
		return vipsSize{}, err
	}
	m := headerLine.FindSubmatch(line)
	if m == nil {
		return vipsSize{}, fault.Newf(fault.Corrupt, "no picture is recognised in it")
	}
	w, err1 := strconv.ParseInt(string(m[1]), 10, 64)
	h, err2 := strconv.ParseInt(string(m[2]), 10, 64)
	return vipsSize{w, h}, errors.Join(err1, err2)
}

// read takes the picture from vips only if it has the size that was let in.
func (s vipsSize) read(out *bufio.Reader) (picture, error) {
	head, err := out.Peek(64)
	if err != nil && len(head) == 0 {
		return nil, fault.Newf(fault.Corrupt, "gives no picture")
	}
	c, err := png.DecodeConfig(bytes.NewReader(head))
	if err != nil {
		return nil, fault.Newf(fault.Corrupt, "gives no picture: %w", err)
	}
	if int64(c.Width) != s.width || int64(c.Height) != s.height {
		return nil, fault.Newf(fault.Corrupt, "gives %s, and its header said %dx%d", fmt.Sprintf("%dx%d", c.Width, c.Height), s.width, s.height)
	}
	return png.Decode(out)
}
