// Package media fingerprints a file of which nothing is trusted.
//
// Takes bytes and the bounds within which they may be decoded. Gives their exact
// digests, always, and the PDQ of a picture where there is one; a picture that
// cannot be decoded is described, never skipped. For media mode it gives a small
// still of a picture or video (package veil covers it). Never believes a file name,
// never keeps a pixel, never fetches anything, never decodes sound.
package media

import (
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"io"
	"time"

	"suraag/digest"
	"suraag/fault"
	"suraag/pdq"
)

// Limits bound what decoding one picture may cost. They do not bound the exact
// digests, which are taken of a file of any length in a fixed small buffer.
type Limits struct {
	Bytes  int64         // longest file that is decoded
	Pixels int64         // most pixels, width times height, as the file claims them
	Memory int64         // most bytes that decoder and hash will hold, reckoned from the claimed size before decoding
	Time   time.Duration // longest time to decode and hash; it is looked at whenever the decoder reads
	Video  time.Duration // longest time to decode and hash a video
	Frames int           // most frames of a video that are hashed, one for each second
}

// DefaultLimits let through what cameras make and stop what bombs claim: files of
// 256 MiB, 100 million pixels (a whole frame of a 100-megapixel back), 512 MiB of memory, 30 seconds;
// four hours of video, within half an hour.
func DefaultLimits() Limits {
	return Limits{Bytes: 256 << 20, Pixels: 100_000_000, Memory: 512 << 20, Time: 30 * time.Second, Video: 30 * time.Minute, Frames: 4 * 60 * 60}
}

// Print is what a file is known by.
type Print struct {
	Size      int64
	MediaType string // by the first bytes, such as "image/jpeg"; "application/octet-stream" if not recognised

	MD5, SHA1, SHA256 digest.Digest

	// PDQ and PDQNN512 are the hashes by the preparations pdq.Full and pdq.NN512;
	// zero if the file is no picture or could not be decoded.
	PDQ, PDQNN512 digest.Digest

	// Quality and QualityNN512 are their qualities, 0 to 100. Under 50, do not match.
	Quality, QualityNN512 int

	// Orientations and OrientationsNN512 are the hashes of the picture turned and
	// mirrored, indexed by pdq.Orientation. The first is the picture as it is.
	Orientations, OrientationsNN512 [8]digest.Digest

	// VPDQ is the hash of a video: of a frame for each second. Zero if the file is none or
	// could not be decoded.
	VPDQ digest.Digest

	// Value is what the file holds if it is no content but the value of a video in a file (a
	// .tmk file, or the text of a vPDQ); zero otherwise.
	Value digest.Digest

	// Shown is how the picture has to be turned to be seen as its EXIF data says; pdq.Original
	// if it says nothing. The hashes are of the picture as it lies in the file.
	Shown pdq.Orientation

	// Problem says why a picture has no PDQ, or a video no vPDQ: what, and which bound or defect. It is
	// empty for one that was hashed and for a file that is neither.
	Problem string
}

// Fingerprint reads size bytes twice: once for the digests, once for the picture.
//
// A picture that is damaged, too large or of a form that is not supported is no
// error: its Print has exact digests and states the Problem. Errors are limits
// of zero or less (fault.Invalid), bytes that cannot be read and a context that
// ended (fault.Unavailable), and fewer bytes than stated (fault.Corrupt).
func Fingerprint(ctx context.Context, r io.ReaderAt, size int64, limits Limits) (Print, error) {
	if err := limits.check(size); err != nil {
		return Print{}, err
	}
	p, err := exact(ctx, r, size)
	if err != nil {
		return Print{}, err
	}
	if p.MediaType, err = sniffAt(r, size); err != nil {
		return Print{}, err
	}
	p.MediaType, p.Value = valueIn(r, size, p.MediaType)
	see := p.look
	if isVideo(p.MediaType) {
		see = p.watch
	} else if !isPicture(p.MediaType) {
		return p, nil
	}
	if err := see(ctx, r, limits); err != nil {
		if fault.Is(err, fault.Unavailable) {
			return Print{}, err // the fault of the disk or of the caller's context, not of the picture
		}
		p.Problem = err.Error()
	}
	return p, nil
}

func (l Limits) check(size int64) error {
	if l.Bytes <= 0 || l.Pixels <= 0 || l.Memory <= 0 || l.Time <= 0 || l.Video < time.Second || l.Frames <= 0 {
		return fault.Newf(fault.Invalid, "limits %+v: each must be above zero, and a second at least for a video", l)
	}
	if size < 0 {
		return fault.Newf(fault.Invalid, "a size of %d bytes", size)
	}
	return nil
}

// exact takes the three digests in one pass.
func exact(ctx context.Context, r io.ReaderAt, size int64) (Print, error) {
	m, s1, s2 := md5.New(), sha1.New(), sha256.New()
	in := &bounded{SectionReader: io.NewSectionReader(r, 0, size), ctx: ctx, broken: new(error)}
	n, err := io.CopyBuffer(io.MultiWriter(m, s1, s2), struct{ io.Reader }{in}, make([]byte, 64<<10))
	if err != nil {
		return Print{}, fault.Newf(fault.Unavailable, "reading stopped at byte %d of %d: %w", n, size, err)
	}
	if n != size {
		return Print{}, fault.Newf(fault.Corrupt, "the file ends at byte %d, its size was given as %d", n, size)
	}
	p := Print{Size: size}
	var e1, e2, e3 error
	p.MD5, e1 = digest.Of(digest.MD5, m.Sum(nil))
	p.SHA1, e2 = digest.Of(digest.SHA1, s1.Sum(nil))
	p.SHA256, e3 = digest.Of(digest.SHA256, s2.Sum(nil))
	return p, errors.Join(e1, e2, e3)
}

// look decodes the picture and adds its hashes. On error it adds nothing.
func (p *Print) look(ctx context.Context, r io.ReaderAt, limits Limits) error {
	seen := *p
	err := within(ctx, r, p.Size, p.MediaType, limits, func(pic picture) error {
		full, nn512, err := pdq.Both(pic)
		if err != nil {
			return err
		}
		seen.Quality, seen.QualityNN512 = full.Quality, nn512.Quality
		seen.Orientations, err = digests(full.Hashes)
		if err != nil {
			return err
		}
		seen.OrientationsNN512, err = digests(nn512.Hashes)
		return err
	})
	if err != nil {
		return err
	}
	seen.PDQ, seen.PDQNN512 = seen.Orientations[pdq.Original], seen.OrientationsNN512[pdq.Original]
	seen.Shown = shown(ctx, r, p.Size, p.MediaType)
	*p = seen
	return nil
}

// watch decodes a video and adds its hash.
func (p *Print) watch(ctx context.Context, r io.ReaderAt, limits Limits) error {
	v, err := watch(ctx, r, p.Size, p.MediaType, limits)
	if err != nil {
		return err
	}
	p.VPDQ, _, err = digest.Read(string(digest.VPDQ), v.String())
	return err
}

func digests(hashes [8]pdq.Hash) (out [8]digest.Digest, err error) {
	for i, h := range hashes {
		if out[i], err = digest.Of(digest.PDQ, h[:]); err != nil {
			return out, err
		}
	}
	return out, nil
}
