package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"

	"suraag/custody"
	"suraag/custody/disk"
	"suraag/fault"
	"suraag/flow"
)

// draftFolders are where documents lie that are on their way to the originals, below
// the data folder: of originals in files, and of those in a store. A record that
// moved into a store may have drafts in both.
var draftFolders = []string{path.Join(kept[0], "drafts"), scratchFolder}

// eachAbandoned names the drafts of hand-ins that were cut off, as paths below the
// data folder. What any process still writes is none of them, however old it is.
func (h *house) eachAbandoned(yield func(folder, draft string) error) error {
	for _, folder := range draftFolders {
		err := disk.Abandoned(filepath.Join(h.dir, folder), func(draft string) error { return yield(folder, draft) })
		if err != nil {
			return err
		}
	}
	return nil
}

// draftSaid is what the log says of a draft that was removed.
type draftSaid struct {
	Size      int64  `json:"size"` // bytes; nobody can tell what of
	WrittenAt string `json:"written_at"`
}

// tidy removes the drafts of hand-ins that were cut off, each after the log says so.
// Nobody was told that such a document was taken.
func (s *stage) tidy(h *house) error {
	n := 0
	err := h.eachAbandoned(func(folder, draft string) error {
		where := filepath.Join(h.dir, folder)
		info, err := os.Stat(filepath.Join(where, draft))
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another process was first
		}
		if err != nil {
			return fault.As(fault.Unavailable, err)
		}
		said := draftSaid{info.Size(), info.ModTime().UTC().Format(time.RFC3339)}
		if err := h.note(s.ctx, custody.DraftRemoved, path.Join(folder, draft), custody.Program, said); err != nil {
			return err
		}
		n++
		return disk.RemoveAbandoned(disk.Machine(), where, draft)
	})
	if n > 0 {
		fmt.Fprintf(s.err, "suraag: %s of hand-ins that were cut off removed; whoever handed in has to do it again.\n", counted(n, "draft"))
	}
	return err
}

// checkDrafts names what the next start will remove. It is no difference: what was not
// whole never was an original.
func (h *house) checkDrafts(v *flow.Verified) error {
	return h.eachAbandoned(func(folder, draft string) error {
		v.Abandoned = append(v.Abandoned, path.Join(folder, draft))
		return nil
	})
}
