package media

import (
	"context"
	"io"

	"github.com/bep/imagemeta"

	"suraag/pdq"
)

// metaFormats are the kinds of picture whose EXIF data can be read.
var metaFormats = map[string]imagemeta.ImageFormat{
	"image/jpeg": imagemeta.JPEG, "image/png": imagemeta.PNG, "image/tiff": imagemeta.TIFF, "image/webp": imagemeta.WebP,
}

// exifTurns gives the turn that brings a picture upright for each value of the EXIF tag
// Orientation (CIPA DC-008, §4.6.5.1.6): 6, the commonest, is "turn a quarter clockwise",
// which is three quarters the other way round.
var exifTurns = [...]pdq.Orientation{
	1: pdq.Original, 2: pdq.FlipY, 3: pdq.Rotate180, 4: pdq.FlipX,
	5: pdq.FlipPlus1, 6: pdq.Rotate270, 7: pdq.FlipMinus1, 8: pdq.Rotate90,
}

// shown reads the EXIF orientation. What cannot be read says nothing: a picture is hashed
// whatever its EXIF data is like, and all orientations are searched anyway.
func shown(ctx context.Context, r io.ReaderAt, size int64, mediaType string) (turn pdq.Orientation) {
	format, known := metaFormats[mediaType]
	if !known {
		return pdq.Original
	}
	defer func() {
		if recover() != nil {
			turn = pdq.Original
		}
	}()
	_, err := imagemeta.Decode(imagemeta.Options{
		R:               &bounded{SectionReader: io.NewSectionReader(r, 0, size), ctx: ctx, broken: new(error)},
		ImageFormat:     format,
		Sources:         imagemeta.EXIF,
		LimitNumTags:    200,
		LimitTagSize:    64,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return t.Namespace == "IFD0" && t.Tag == "Orientation" },
		HandleTag: func(t imagemeta.TagInfo) error {
			if v, ok := t.Value.(uint16); ok && int(v) < len(exifTurns) {
				turn = exifTurns[v]
			}
			return imagemeta.ErrStopWalking
		},
	})
	if err != nil {
		return pdq.Original
	}
	return turn
}
