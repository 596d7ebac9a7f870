package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"suraag/circulation"
	"suraag/web"
)

// graph makes passings between numbered nodes, and uploads by some of them.
func graph(nodes int, uploads []int, edges ...[2]int) circulation.Passing {
	name := func(n int) string { return fmt.Sprint("account:example:", n) }
	var p circulation.Passing
	for n := range nodes {
		p.Nodes = append(p.Nodes, circulation.Node{ID: name(n), Kind: circulation.Identity, Label: name(n)})
	}
	for _, by := range uploads {
		p.Nodes = append(p.Nodes, circulation.Node{ID: fmt.Sprint("posted by ", by), Kind: circulation.Posted, Label: "posted at Example Social", By: name(by)})
	}
	for _, e := range edges {
		p.Edges = append(p.Edges, circulation.Edge{From: name(e[0]), To: name(e[1])})
	}
	return p
}

func TestDrawing(t *testing.T) {
	var star [][2]int
	for n := range 100 {
		star = append(star, [2]int{0, n + 1})
	}
	for _, c := range []struct {
		name                string
		p                   circulation.Passing
		boxes, arrows, left int
	}{
		{"nothing is stated", graph(3, nil), 0, 0, 0},
		{"one passing", graph(3, nil, [2]int{0, 1}), 2, 1, 0},
		{"twice between the same two is one arrow", graph(2, nil, [2]int{0, 1}, [2]int{0, 1}), 2, 1, 0},
		{"there and back", graph(2, nil, [2]int{0, 1}, [2]int{1, 0}), 2, 2, 0},
		{"a ring", graph(3, nil, [2]int{0, 1}, [2]int{1, 2}, [2]int{2, 0}), 3, 3, 0},
		{"an upload", graph(1, []int{0}), 2, 1, 0},
		{"more than there is room for", graph(101, nil, star...), 24, 23, 77},
		{"an end that is not among the nodes", graph(1, nil, [2]int{0, 7}), 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			boxes, arrows, left := web.Draw(c.p)
			if len(boxes) != c.boxes || arrows != c.arrows || left != c.left {
				t.Errorf("%d boxes, %d arrows, %d left; want %d, %d, %d", len(boxes), arrows, left, c.boxes, c.arrows, c.left)
			}
			for n, a := range boxes {
				for _, b := range boxes[:n] {
					if a[0] < b[0]+b[2] && b[0] < a[0]+a[2] && a[1] < b[1]+b[3] && b[1] < a[1]+a[3] {
						t.Errorf("the boxes %v and %v lie on each other", a, b)
					}
				}
			}
		})
	}
}

// The server that the command starts answers over a real line, twice on one.
func TestServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := web.Server(handler(t, newDesk(t, plainWords)), nil)
	if srv.ReadHeaderTimeout == 0 || srv.IdleTimeout == 0 || srv.MaxHeaderBytes == 0 {
		t.Error("the server waits for ever, or takes headers of any size")
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	for range 2 {
		r, err := http.Get("http://" + l.Addr().String() + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil || string(body) != "ok\n" {
			t.Errorf("%q, %v", body, err)
		}
	}
	if err := srv.Shutdown(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}
