package app

import (
	"bytes"
	"context"
	"io"
	"strings"

	"suraag/custody/vault"
)

// HoldForTest puts content into the vault of a data folder.
func HoldForTest(data, caseID, name string, content []byte) error {
	ctx := context.Background()
	env := map[string]string{"SURAAG_NOW": "2025-03-12T09:00:00Z"}
	s := &stage{ctx: ctx, env: env, in: strings.NewReader(""), out: io.Discard, err: io.Discard, cli: &commands{Data: data, Zone: "UTC", By: "officer"}, log: quietLog()}
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer h.close()
	_, err = h.Vault.Put(ctx, vault.About{Case: caseID, Name: name, By: "officer", Ground: "section 94 BNSS, order 3/2025"}, bytes.NewReader(content))
	return err
}
