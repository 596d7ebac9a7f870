package pdftext

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"suraag/fault"
)

const (
	memory = 256 << 20       // of the guest, bytes
	block  = 64 << 10        // of WebAssembly memory (core specification §4.2.8)
	rest   = 2 * time.Second // after which an unused guest is given up: it holds some 130 MB
)

// engine is the guest. It is made when it is first needed, serves one document at a
// time, each in an instance of its own, and goes when it is no longer used.
type engine struct {
	mu   sync.Mutex
	pool pdfium.Pool
	stop context.CancelFunc // ends whatever the guest is doing
	end  *time.Timer        // gives it up
}

// use runs do with a fresh instance, for so long at most.
func (e *engine) use(limit time.Duration, do func(context.Context, pdfium.Pdfium) error) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := e.open(); err != nil {
		return err
	}
	e.end.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	defer context.AfterFunc(ctx, e.stop)()
	defer e.end.Reset(rest)
	guest, err := e.pool.GetInstanceWithContext(ctx)
	if err == nil {
		err = do(ctx, guest)
		_ = guest.Close() // its memory goes with it; there is nothing to save
	}
	if ctx.Err() != nil {
		e.close()
		return fault.WithHint(fault.Newf(fault.TooLarge, "reading its text takes longer than %s", limit), "print it to a new PDF with an ordinary program, and hand in that one too")
	}
	return err
}

// open makes the guest. Interpreting starts in half a second of work where compiling
// takes five, in return each page is slower.
func (e *engine) open() error {
	if e.pool != nil {
		return nil
	}
	ctx, stop := context.WithCancel(context.Background())
	pool, err := webassembly.Init(webassembly.Config{
		Context: ctx, MaxTotal: 1,
		FSConfig: wazero.NewFSConfig(), // without one it would be given the whole disk
		Stdout:   io.Discard, Stderr: io.Discard,
		RuntimeConfig: wazero.NewRuntimeConfigInterpreter().WithMemoryLimitPages(memory / block).WithCloseOnContextDone(true).
			WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling),
	})
	if err != nil {
		stop()
		return fault.Newf(fault.Internal, "the reader of PDFs did not start: %w", err)
	}
	e.pool, e.stop, e.end = pool, stop, time.AfterFunc(rest, e.idle)
	return nil
}

func (e *engine) idle() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.close()
}

func (e *engine) close() {
	if e.pool == nil {
		return
	}
	e.end.Stop()
	_ = e.pool.Close()
	e.stop()
	e.pool = nil
}
