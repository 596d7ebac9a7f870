package app

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// What a request under way uses is closed when answer returns, so answer must not
// return before the request has ended.
func TestARequestUnderWayEndsFirst(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	began, left := make(chan struct{}), make(chan struct{})
	closed := false // what the request uses
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(began)
		<-left
		time.Sleep(50 * time.Millisecond)
		if closed || r.Context().Err() != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})}
	returned := make(chan error, 1)
	go func() {
		err := answer(ctx, server, func() error { return server.Serve(l) })
		closed = true
		returned <- err
	}()
	status := make(chan int, 1)
	go func() {
		r, err := http.Get("http://" + l.Addr().String())
		if err != nil {
			status <- 0
			return
		}
		defer r.Body.Close()
		io.Copy(io.Discard, r.Body)
		status <- r.StatusCode
	}()
	<-began
	stop()
	select {
	case err := <-returned:
		t.Fatalf("it returns while a request is under way: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	close(left)
	if got := <-status; got != http.StatusOK {
		t.Errorf("the request under way gets %d", got)
	}
	if err := <-returned; err != nil {
		t.Error(err)
	}
}

// What does not end in time is cut off, and its context says so.
func TestARequestThatDoesNotEndIsCutOff(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	began, told := make(chan struct{}), make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(began)
		<-r.Context().Done()
		close(told)
	})}
	go http.Get("http://" + l.Addr().String())
	go func() { <-began; stop() }()
	start := time.Now()
	if err := answer(ctx, server, func() error { return server.Serve(l) }); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took < grace || took > 2*grace {
		t.Errorf("it took %v", took)
	}
	select {
	case <-told:
	case <-time.After(time.Second):
		t.Error("the request was not told")
	}
}

func TestAServerThatCannotAnswerSaysSo(t *testing.T) {
	if err := answer(context.Background(), &http.Server{}, func() error { return errors.New("no such certificate") }); err == nil {
		t.Error("nothing is said")
	}
}
