package app

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"suraag/custody"
	"suraag/custody/tlog"
	"suraag/custody/witness"
	"suraag/flow"
)

func benchHouse(b *testing.B) *house {
	b.Helper()
	s := &stage{ctx: context.Background(), env: map[string]string{}, in: strings.NewReader(""), out: io.Discard, err: io.Discard, cli: &commands{Data: b.TempDir(), Zone: "UTC", By: "officer"}, log: quietLog()}
	h, err := s.open(true)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(h.close)
	return h
}

// forgetful is a record that logs nothing.
type forgetful struct{ flow.Record }

func (forgetful) Log(context.Context, *sql.Tx, ...custody.Entry) error { return nil }

// BenchmarkIntake reads files of a thousand rows, with the custody log and without.
func BenchmarkIntake(b *testing.B) {
	for _, logged := range []bool{true, false} {
		b.Run(fmt.Sprintf("logged=%v", logged), func(b *testing.B) {
			ctx, h := context.Background(), benchHouse(b)
			if logged {
				stop, err := h.keepLog(ctx)
				if err != nil {
					b.Fatal(err)
				}
				defer stop()
			} else {
				h.Record = forgetful{h.Record}
			}
			for n := range b.N {
				var text strings.Builder
				text.WriteString("observed_at,act,ip,port,sha1\n")
				for i := range 1000 {
					fmt.Fprintf(&text, "2025-02-%02dT10:%02d:%02dZ,offer,192.0.2.%d,%d,%040x\n", 1+i%28, i/60%60, i%60, 1+i%250, 1024+i, n*1000+i)
				}
				s, _, err := h.Receive(ctx, flow.HandIn{Name: "log.csv", BroughtBy: "officer", Authority: "FIR 12/2025 PS Example"}, strings.NewReader(text.String()))
				if err == nil {
					err = h.ReadSource(ctx, s.ID)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(1000*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkWitnessed measures from the commit of an entry to the recorded
// checkpoint that a witness cosigned.
func BenchmarkWitnessed(b *testing.B) {
	ctx, h := context.Background(), benchHouse(b)
	key, err := h.begunLog(ctx, "unit.example/custody")
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	court, err := tlog.MakeKey(dir, "court.example/witness", rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	w, err := witness.Open(dir, court, []string{key})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	server := httptest.NewServer(w)
	defer server.Close()
	_, public, err := court.Cosigner()
	if err != nil {
		b.Fatal(err)
	}
	settings := logSettings{Witnesses: "witness court " + public + " " + server.URL + "\nquorum court\n"}
	if err := os.WriteFile(filepath.Join(h.logDir(), settingsFile), []byte(settings.text()), 0o600); err != nil {
		b.Fatal(err)
	}
	stop, err := h.keepLog(ctx)
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	var took []time.Duration
	for range b.N {
		began := time.Now()
		if err := h.note(ctx, custody.View, "source", "officer", struct{}{}); err != nil {
			b.Fatal(err)
		}
		for {
			last, err := h.db.LastEntries(ctx, 1)
			if err != nil {
				b.Fatal(err)
			}
			c, err := h.db.LastCheckpoint(ctx)
			if err != nil {
				b.Fatal(err)
			}
			if last[0].Place >= 0 && c.Size > last[0].Place {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "ms-median")
	b.ReportMetric(float64(took[len(took)*95/100].Milliseconds()), "ms-p95")
}
