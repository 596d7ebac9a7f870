package app_test

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"suraag/app"
)

// What the README shows of the demo is what the demo prints: every piece between
// two "…" stands in the output, in the same order.
func TestREADMEShowsWhatTheDemoPrints(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, found := strings.Cut(string(readme), "    $ go run . demo --once\n")
	if !found {
		t.Fatal("the README shows no demo")
	}
	block, _, _ = strings.Cut(block, "\n\n")
	var out, errs bytes.Buffer
	if code := app.Run(context.Background(), []string{"HOME=" + t.TempDir()}, strings.NewReader(""), &out, &errs, []string{"demo", "--once", "--data", t.TempDir()}); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	rest, pieces := out.String(), 0
	for line := range strings.Lines(block) {
		for piece := range strings.SplitSeq(strings.TrimPrefix(strings.TrimRight(line, "\n"), "    "), "…") {
			piece = strings.TrimSpace(piece)
			if piece == "" {
				continue
			}
			_, after, found := strings.Cut(rest, piece)
			if !found {
				t.Fatalf("the README shows %q, which the demo does not print there", piece)
			}
			rest = after
			pieces++
		}
	}
	if pieces < 10 {
		t.Fatalf("only %d pieces compared", pieces)
	}
}
