package bucket

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/minio/minio-go/v7"

	"suraag/custody"
	"suraag/fault"
)

// What is read ahead of one object: few requests for whoever reads it through, and
// no more memory than this for whoever jumps about in it.
const (
	blockSize = 1 << 20
	maxBlocks = 8
)

// object is a kept thing being read, a block at a time.
type object struct {
	keeper    *Keeper
	name, key string
	etag      string
	size      int64

	mu     sync.Mutex
	blocks map[int64][]byte
	order  []int64 // in which the blocks came
}

func (o *object) Size() int64  { return o.size }
func (o *object) Close() error { return nil }

// ReadAt reads as io.ReaderAt promises. Each block is asked for of the very object
// that was opened: one that was changed meanwhile is corrupt.
func (o *object) ReadAt(p []byte, at int64) (n int, err error) {
	if at < 0 {
		return 0, fault.Newf(fault.Invalid, "place %d in %q", at, o.name)
	}
	for n < len(p) {
		if at+int64(n) >= o.size {
			return n, io.EOF
		}
		number := (at + int64(n)) / blockSize
		b, err := o.block(number)
		if err != nil {
			return n, err
		}
		n += copy(p[n:], b[at+int64(n)-number*blockSize:])
	}
	return n, nil
}

func (o *object) block(number int64) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if b, there := o.blocks[number]; there {
		return b, nil
	}
	var err error
	for n := range o.keeper.bucket.settings.Tries {
		if !o.keeper.bucket.pause(n) {
			return nil, o.keeper.bucket.ctx.Err()
		}
		var b []byte
		if b, err = o.fetch(number); err == nil {
			o.put(number, b)
			return b, nil
		}
		if !fault.Is(err, fault.Unavailable) {
			break
		}
	}
	return nil, err
}

func (o *object) put(number int64, b []byte) {
	if len(o.order) == maxBlocks {
		delete(o.blocks, o.order[0])
		o.order = o.order[1:]
	}
	o.blocks[number], o.order = b, append(o.order, number)
}

func (o *object) fetch(number int64) ([]byte, error) {
	b := o.keeper.bucket
	from := number * blockSize
	to := min(from+blockSize, o.size) - 1
	var opts minio.GetObjectOptions
	opts.Set("Range", fmt.Sprintf("bytes=%d-%d", from, to))
	if o.etag != "" {
		if err := opts.SetMatchETag(o.etag); err != nil {
			return nil, fault.As(fault.Internal, err)
		}
	}
	body, _, header, err := b.api.GetObject(b.ctx, b.settings.Bucket, o.key, opts)
	if err != nil {
		if minio.ToErrorResponse(err).StatusCode == http.StatusPreconditionFailed {
			return nil, fault.Newf(fault.Corrupt, "original %q was changed in the store while it was read", o.name)
		}
		return nil, b.sorted(err, o.name)
	}
	defer body.Close()
	if part := header.Get("Content-Range"); !strings.HasPrefix(part, fmt.Sprintf("bytes %d-%d/", from, to)) && (part != "" || from > 0) {
		return nil, fault.Newf(fault.Unavailable, "%w: it gave %q of original %q, not bytes %d to %d", custody.ErrStore, part, o.name, from, to)
	}
	out := make([]byte, to-from+1)
	if n, err := io.ReadFull(body, out); err != nil {
		return nil, fault.Newf(fault.Unavailable, "%w: it broke off after %d of %d bytes of original %q: %w", custody.ErrStore, n, len(out), o.name, err)
	}
	return out, nil
}
