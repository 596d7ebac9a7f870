package app

import (
	"encoding/json"
	"os"

	"suraag/fault"
	"suraag/media"
	"suraag/pdq"
)

type hashCmd struct {
	Paths []string `arg:"" help:"Files or folders." placeholder:"PATH"`
}

// Help is the long help of the command.
func (hashCmd) Help() string {
	return `Prints a JSON line per file: path, size, media_type, md5, sha1, sha256, pdq (of the whole picture), pdq_quality, pdq_nn512 and pdq_nn512_quality (of 512×512 nearest samples, as some list owners compute it); where the EXIF data says that the picture is shown turned, exif_orientation, pdq_shown and pdq_nn512_shown (of the picture so turned); vpdq (of a video, a frame a second, where ffmpeg is installed); or error. A file that is no picture has no pdq; a picture or video that cannot be decoded says why in problem. Nothing is stored. The lines can be handed in with suraag intake.

Example:
  suraag hash export/ > export.jsonl

` + exitCodes
}

// hashed is one line.
type hashed struct {
	Path         string `json:"path"`
	Size         *int64 `json:"size,omitempty"` // of a file that could be read; may be 0
	MediaType    string `json:"media_type,omitempty"`
	MD5          string `json:"md5,omitempty"`
	SHA1         string `json:"sha1,omitempty"`
	SHA256       string `json:"sha256,omitempty"`
	PDQ          string `json:"pdq,omitempty"`
	Quality      *int   `json:"pdq_quality,omitempty"`
	NN512        string `json:"pdq_nn512,omitempty"`
	QualityNN512 *int   `json:"pdq_nn512_quality,omitempty"`
	EXIF         string `json:"exif_orientation,omitempty"`
	Shown        string `json:"pdq_shown,omitempty"`
	NN512Shown   string `json:"pdq_nn512_shown,omitempty"`
	VPDQ         string `json:"vpdq,omitempty"`
	Problem      string `json:"problem,omitempty"`
	Error        string `json:"error,omitempty"`
}

func (c *hashCmd) Run(s *stage) error {
	files, err := filesBelow(c.Paths)
	if err != nil {
		return err
	}
	lines := json.NewEncoder(s.out)
	lines.SetEscapeHTML(false)
	bad := 0
	for _, path := range files {
		line := hashed{Path: path}
		p, err := s.fingerprint(path)
		if s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		if err != nil {
			bad++
			line.Error = err.Error()
		} else {
			line = lineOf(path, p)
		}
		if err := lines.Encode(line); err != nil {
			return fault.As(fault.Unavailable, err)
		}
	}
	if bad > 0 {
		return fault.Newf(fault.Unavailable, "%d of %d files could not be hashed; their lines say why", bad, len(files))
	}
	return nil
}

func lineOf(path string, p media.Print) hashed {
	h := hashed{Path: path, Size: &p.Size, MediaType: p.MediaType, MD5: p.MD5.Hex(), SHA1: p.SHA1.Hex(), SHA256: p.SHA256.Hex(), PDQ: p.PDQ.Hex(), NN512: p.PDQNN512.Hex(), VPDQ: p.VPDQ.Hex(), Problem: p.Problem}
	if h.PDQ != "" {
		h.Quality, h.QualityNN512 = &p.Quality, &p.QualityNN512
	}
	if h.PDQ != "" && p.Shown != pdq.Original {
		h.EXIF, h.Shown, h.NN512Shown = p.Shown.String(), p.Orientations[p.Shown].Hex(), p.OrientationsNN512[p.Shown].Hex()
	}
	return h
}

func (s *stage) fingerprint(path string) (media.Print, error) {
	f, err := os.Open(path)
	if err != nil {
		return media.Print{}, fault.Newf(fault.NotFound, "%w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return media.Print{}, fault.As(fault.Unavailable, err)
	}
	return media.Fingerprint(s.ctx, f, info.Size(), media.DefaultLimits())
}
