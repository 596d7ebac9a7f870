package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"suraag/fault"
)

// grace is how long requests under way may take once the program is stopped; a
// service manager waits longer (systemd.service(5), TimeoutStopSec: 90 s). What is
// cut off then was not answered, so whoever sent it sends it again.
const grace = 5 * time.Second

// answer has a server answer until the context ends, and then lets the requests
// under way end. When it returns none is left: what they use may be closed. A
// request lives on when the context ends, or it could not end well.
func answer(ctx context.Context, server *http.Server, serve func() error) error {
	requests, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	server.BaseContext = func(net.Listener) context.Context { return requests }
	failed, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-failed:
			return
		case <-ctx.Done():
		}
		within, cancel := context.WithTimeout(requests, grace)
		defer cancel()
		if server.Shutdown(within) != nil {
			cut()
			server.Close()
		}
	}()
	err := serve()
	if !errors.Is(err, http.ErrServerClosed) {
		close(failed)
	}
	<-ended
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fault.As(fault.Unavailable, err)
}
