package app_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"suraag/app"
	"suraag/store"
)

// A backup that cannot be logged leaves no file behind.
func TestABackupThatIsNotLoggedGetsNoName(t *testing.T) {
	data := t.TempDir()
	takeComplaint(t, data, "Asha", "2025-03-01T04:30:00Z", "phone:+910000000001")
	record, err := store.Open(context.Background(), filepath.Join(data, "suraag.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = record.ExecContext(context.Background(), `CREATE TRIGGER full BEFORE INSERT ON log_entry WHEN NEW.kind = 'export' BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`)
	if err != nil || record.Close() != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "copy.tar")
	var said bytes.Buffer
	env := []string{"SURAAG_NOW=2025-03-12T09:00:00Z", "SURAAG_BY=officer", "SURAAG_DATA=" + data}
	code := app.Run(context.Background(), env, strings.NewReader(""), &said, &said, []string{"backup", out})
	if _, err := os.Stat(out); code == 0 || err == nil {
		t.Errorf("exit code %d, %v: %s", code, err, &said)
	}
}
