package app

import (
	"os"
	"path/filepath"
	"strings"

	"suraag/casework"
	"suraag/fault"
)

type traceCmd struct {
	Target string `arg:"" help:"An image file, any digest, an identifier, an ip or an ip:port."`
}

// Help is the long help of the command.
func (traceCmd) Help() string {
	return `Shows where the target was seen, the earliest claimed and the earliest proven upload, how it is accessed, which identifiers go together, and which addresses are fit to ask a provider about, each statement with its reason and a way back to the original. A picture or video is hashed and dropped; a file that holds a TMK+PDQF or vPDQ value is taken as that value.

Examples:
  suraag trace picture.jpg
  suraag trace 4bc93fb481892c12606a481fc53a0ad9
  suraag trace 198.51.100.77:51602
  suraag trace +910000000001
  suraag trace account:instagram:900000000000001 --json

The JSON follows the schema in doc/trace.schema.json.

` + exitCodes
}

func (c *traceCmd) Run(s *stage) error {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	t, err := s.trace(h, c.Target)
	if err != nil {
		return err
	}
	if err := h.sawTrace(s.ctx, s.by(), t); err != nil {
		return err
	}
	if s.cli.JSON {
		return s.print(t)
	}
	zone, err := s.zone()
	if err != nil {
		return err
	}
	(&teller{out: s.out, zone: zone}).trace(t)
	return nil
}

// trace takes the target for a file where one of that name is there.
func (s *stage) trace(h *house, target string) (casework.Trace, error) {
	zone, err := s.zone()
	if err != nil {
		return casework.Trace{}, err
	}
	info, err := os.Stat(target)
	if err != nil || info.IsDir() {
		t, err := h.Trace(s.ctx, target, zone)
		if err != nil && looksLikeFile(target) {
			err = fault.WithHint(fault.Newf(fault.NotFound, "no file %q", target), "check the path")
		}
		return t, err
	}
	p, err := s.fingerprint(target)
	if err != nil {
		return casework.Trace{}, err
	}
	return h.TraceImage(s.ctx, filepath.Base(target), p, zone)
}

func looksLikeFile(target string) bool {
	return strings.ContainsRune(target, filepath.Separator) || filepath.Ext(target) != "" && !strings.Contains(target, "@") && strings.Count(target, ".") == 1
}
