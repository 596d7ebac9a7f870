package app

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"suraag/custody/vault"
	"suraag/digest"
	"suraag/fault"
	"suraag/flow"
	"suraag/media"
	"suraag/media/veil"
	"suraag/web"
)

// mediaDesk answers for media mode: what the vault holds, covered or as a copy. Whether anybody
// may look is for the wall to say, before it is asked here.
type mediaDesk struct {
	desk
	covers *covers
	limits media.Limits
	places chan struct{} // one for each content that is held in memory
}

// twoAtOnce bounds how much content lies in memory: two files, with what decoding
// them takes.
const twoAtOnce = 2

// coverTime is for how long a page waits for veils; what is not done by then is made
// when the page is loaded again.
const coverTime = 40 * time.Second

func newMediaDesk(d desk) *mediaDesk {
	return &mediaDesk{desk: d, covers: &covers{of: map[string]cover{}}, limits: media.StillLimits(), places: make(chan struct{}, twoAtOnce)}
}

// cover is what is kept of an item once it was read: nothing from which the content
// could be recognised, in memory only.
type cover struct {
	veil    []byte
	problem string
	stills  int
	digests []digest.Digest
}

// covers keeps the veils that were made last.
type covers struct {
	mu    sync.Mutex
	of    map[string]cover
	order []string // oldest first
}

// mostCovers is some hundred pages of veils, a few kilobytes each.
const mostCovers = 2000

func (c *covers) get(id string) (cover, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, there := c.of[id]
	return v, there
}

func (c *covers) put(id string, v cover) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, there := c.of[id]; !there {
		c.order = append(c.order, id)
	}
	c.of[id] = v
	for len(c.order) > mostCovers {
		delete(c.of, c.order[0])
		c.order = c.order[1:]
	}
}

// Items gives a part of what the vault holds for a case, the oldest first, each covered.
func (d *mediaDesk) Items(ctx context.Context, caseID string, from, most int) ([]web.MediaItem, int, error) {
	held, err := d.db.VaultItems(ctx, caseID)
	if err != nil {
		return nil, 0, err
	}
	held = slices.DeleteFunc(held, func(i vault.Item) bool { return i.Dropped() })
	all := len(held)
	held = held[min(from, all):min(from+most, all)]
	soon, cancel := context.WithTimeout(ctx, coverTime)
	defer cancel()
	made, errs := make([]cover, len(held)), make([]error, len(held))
	var wg sync.WaitGroup
	for n, i := range held {
		wg.Go(func() { made[n], errs[n] = d.cover(soon, i) })
	}
	wg.Wait()
	_, h, err := d.view(ctx) // once: it is the same for all of them
	if err != nil {
		return nil, 0, err
	}
	var out []web.MediaItem
	for n, i := range held {
		if errs[n] != nil {
			made[n].problem = errs[n].Error()
			if soon.Err() != nil && ctx.Err() == nil {
				made[n].problem = "there was no time yet to make it ready; load the page again"
			}
		}
		item, err := d.item(ctx, h, i, made[n])
		if err != nil {
			return nil, 0, err
		}
		out = append(out, item)
	}
	return out, all, nil
}

// Item gives one item of a case, without its veil.
func (d *mediaDesk) Item(ctx context.Context, caseID, id string) (web.MediaItem, error) {
	i, err := d.itemOf(ctx, caseID, id)
	if err != nil {
		return web.MediaItem{}, err
	}
	c, err := d.cover(ctx, i)
	if err != nil {
		return web.MediaItem{}, err
	}
	if c.problem != "" {
		return web.MediaItem{}, fault.Newf(fault.Corrupt, "item %s cannot be shown: %s", i.ID, c.problem)
	}
	c.veil = nil
	_, h, err := d.view(ctx)
	if err != nil {
		return web.MediaItem{}, err
	}
	return d.item(ctx, h, i, c)
}

// itemOf gives an item if it is of that case: whoever may see one case learns
// nothing of another's by its IDs.
func (d *mediaDesk) itemOf(ctx context.Context, caseID, id string) (vault.Item, error) {
	none := fault.Newf(fault.NotFound, "the case has no item %.40q", id)
	if len(id) != 32 || strings.Trim(id, "0123456789abcdef") != "" {
		return vault.Item{}, none
	}
	i, err := d.db.VaultItem(ctx, id)
	if fault.Is(err, fault.NotFound) || err == nil && (i.Case != caseID || i.Dropped()) {
		return vault.Item{}, none
	}
	return i, err
}

func (d *mediaDesk) item(ctx context.Context, h *flow.House, i vault.Item, c cover) (web.MediaItem, error) {
	out := web.MediaItem{
		ID: i.ID, Case: i.Case, Name: i.Name, MediaType: i.MediaType, Size: i.Size, SHA256: i.SHA256, At: i.At, By: i.By, Ground: i.Ground,
		Stills: c.stills, Veil: c.veil, Problem: c.problem,
	}
	digests := c.digests
	if len(digests) == 0 { // it could not be read, and is known by what was logged of it
		s, err := digest.Parse("sha256:" + i.SHA256)
		if err != nil {
			return out, err
		}
		digests = []digest.Digest{s}
	}
	var err error
	out.Known, err = h.Known(ctx, digests)
	return out, err
}

// cover makes the veil of an item, once. A content that cannot be shown is no error: its
// cover says why. What hindered reading it (a key that is not there) is not kept.
func (d *mediaDesk) cover(ctx context.Context, i vault.Item) (cover, error) {
	if c, there := d.covers.get(i.ID); there {
		return c, nil
	}
	var c cover
	read := false
	err := d.with(ctx, i, func(content []byte) (err error) {
		read = true
		if c.digests, err = exactDigests(content, i.SHA256); err != nil {
			return err
		}
		if strings.HasPrefix(media.Sniff(content), "video/") {
			c.stills = media.Stills
		}
		img, err := media.Still(ctx, bytes.NewReader(content), int64(len(content)), d.limits, 1, veil.Edge)
		if err != nil {
			return err
		}
		c.veil, err = veil.Of(img)
		return err
	})
	if err != nil {
		if fault.Is(err, fault.Unavailable) || fault.Is(err, fault.Internal) || ctx.Err() != nil {
			return cover{}, err
		}
		c.veil, c.problem = nil, err.Error()
	}
	if read {
		d.covers.put(i.ID, c)
	}
	return c, nil
}

// Shown gives a copy of an item to be shown.
func (d *mediaDesk) Shown(ctx context.Context, item web.MediaItem, still int, colour bool) (jpeg []byte, err error) {
	i, err := d.itemOf(ctx, item.Case, item.ID)
	if err != nil {
		return nil, err
	}
	err = d.with(ctx, i, func(content []byte) error {
		img, err := media.Still(ctx, bytes.NewReader(content), int64(len(content)), d.limits, still, veil.ShownEdge)
		if err != nil {
			return err
		}
		jpeg, err = veil.Shown(img, colour)
		clear(img.Pix)
		return err
	})
	return jpeg, err
}

// with decrypts content into memory, hands it to use, and wipes it. It is read to its end first, because only
// then is it known that nothing was changed.
func (d *mediaDesk) with(ctx context.Context, i vault.Item, use func([]byte) error) error {
	if i.Size > d.limits.Bytes {
		return fault.Newf(fault.TooLarge, "it has %d bytes, and at most %d are shown", i.Size, d.limits.Bytes)
	}
	select {
	case d.places <- struct{}{}:
		defer func() { <-d.places }()
	case <-ctx.Done():
		return fault.Newf(fault.Unavailable, "other pictures are made ready: %w", ctx.Err())
	}
	r, err := d.Vault.Open(ctx, i)
	if err != nil {
		return err
	}
	defer r.Close()
	content := make([]byte, i.Size)
	defer clear(content)
	if _, err := io.ReadFull(r, content); err != nil && err != io.EOF {
		return fault.Wrapf(err, "item %s", i.ID)
	}
	if n, err := io.Copy(io.Discard, r); err != nil || n > 0 {
		return fault.Newf(fault.Corrupt, "item %s has %d bytes more than it says: %w", i.ID, n, err)
	}
	return use(content)
}

// exactDigests are those by which lists name content.
func exactDigests(content []byte, sha256 string) ([]digest.Digest, error) {
	m, s := md5.Sum(content), sha1.Sum(content)
	a, err := digest.Of(digest.MD5, m[:])
	if err != nil {
		return nil, err
	}
	b, err := digest.Of(digest.SHA1, s[:])
	if err != nil {
		return nil, err
	}
	c, err := digest.Parse("sha256:" + sha256)
	return []digest.Digest{a, b, c}, err
}
