package export_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"maps"
	"slices"
	"testing"
)

func sum(b []byte) string {
	s := sha256.Sum256(b)
	return hex.EncodeToString(s[:])
}

func sorted(files map[string][]byte) []string { return slices.Sorted(maps.Keys(files)) }

// zipped packs files as the format of a bundle has them.
func zipped(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range sorted(files) {
		text := files[name]
		w, err := z.CreateRaw(&zip.FileHeader{
			//lint:ignore SA1019 as in header: what CreateRaw writes
			Name: name, Method: zip.Store, Flags: 0x800, ModifiedDate: 33, CRC32: crc32.ChecksumIEEE(text),
			CompressedSize64: uint64(len(text)), UncompressedSize64: uint64(len(text)),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
