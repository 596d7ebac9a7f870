package network_test

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"suraag/fault"
	"suraag/network"
)

// madeMMDB writes a MaxMind DB of 24-bit records (maxmind.github.io/MaxMind-DB)
// that holds one record for one prefix.
func madeMMDB(prefix netip.Prefix, record []byte) string {
	bits, address, version := prefix.Bits(), prefix.Addr().AsSlice(), 4
	if prefix.Addr().Is6() {
		version = 6
	}
	var b bytes.Buffer
	node24 := func(n int) { b.Write([]byte{byte(n >> 16), byte(n >> 8), byte(n)}) }
	for n := range bits {
		next := n + 1
		if n == bits-1 {
			next = bits + 16 // the first byte of the data
		}
		if address[n/8]>>(7-n%8)&1 == 0 {
			node24(next)
			node24(bits)
		} else {
			node24(bits)
			node24(next)
		}
	}
	b.Write(make([]byte, 16))
	b.Write(record)
	b.WriteString("\xab\xcd\xefMaxMind.com")
	b.Write(mapOf(
		"node_count", number(6, uint32(bits)), "record_size", number(5, 24), "ip_version", number(5, uint32(version)),
		"binary_format_major_version", number(5, 2), "binary_format_minor_version", number(5, 0),
		"build_epoch", number(6, 1740700800), "database_type", text("Example"),
		"languages", []byte{0, 4}, "description", mapOf()))
	return b.String()
}

// text writes a string; a length from 29 on goes into a byte of its own.
func text(s string) []byte {
	if len(s) < 29 {
		return append([]byte{2<<5 | byte(len(s))}, s...)
	}
	return append([]byte{2<<5 | 29, byte(len(s) - 29)}, s...)
}

// number writes an unsigned number of type 5 (16 bits) or 6 (32 bits).
func number(kind byte, n uint32) []byte {
	size := 2 * (int(kind) - 4)
	b := binary.BigEndian.AppendUint32(nil, n)
	return append([]byte{kind<<5 | byte(size)}, b[4-size:]...)
}

func mapOf(pairs ...any) []byte {
	out := []byte{7<<5 | byte(len(pairs)/2)}
	for _, p := range pairs {
		if s, is := p.(string); is {
			out = append(out, text(s)...)
			continue
		}
		out = append(out, p.([]byte)...)
	}
	return out
}

func TestReadMMDB(t *testing.T) {
	four, six := netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8:8000::/33")
	for _, c := range []struct {
		name string
		kind network.DataKind
		file string
		rows []string
		bad  string
	}{
		{"country_code", network.KindCountry, madeMMDB(four, mapOf("country_code", text("IN"))), []string{"198.51.100.0-198.51.100.255 IN"}, ""},
		{"country.iso_code, and a city that is not read", network.KindCountry, madeMMDB(six, mapOf("country", mapOf("iso_code", text("in")), "city", text("Testpur"))), []string{"2001:db8:8000::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff IN"}, ""},
		{"autonomous system", network.KindASN, madeMMDB(four, mapOf("autonomous_system_number", number(6, 64496), "autonomous_system_organization", text("Example Mobile"))), []string{"198.51.100.0-198.51.100.255 AS64496 Example Mobile"}, ""},
		{"a record without country", network.KindCountry, madeMMDB(four, mapOf("x", text("y"))), nil, `network "198.51.100.0/24" has no country`},
		{"an empty record says nothing", network.KindCountry, madeMMDB(four, mapOf()), nil, ""},
		{"a record of the wrong type", network.KindCountry, madeMMDB(four, mapOf("country_code", number(6, 7))), nil, "country_code"},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows, bad, err := read(t, c.kind, c.file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.rows, brief(rows)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if said := strings.Join(bad, "\n"); (c.bad == "") != (said == "") || !strings.Contains(said, c.bad) {
				t.Errorf("bad rows %q; want %q", said, c.bad)
			}
		})
	}
}

// A tree whose branches all lead to the same next node has more networks than
// could ever be walked.
func TestReadMMDBEndsOnATreeWithoutEnd(t *testing.T) {
	file := []byte(madeMMDB(netip.MustParsePrefix("2001:db8::/128"), mapOf("country_code", text("IN"))))
	for n := range 127 {
		for half := range 2 {
			copy(file[n*6+half*3:], []byte{0, 0, byte(n + 1)})
		}
	}
	rows := 0
	err := network.Read(network.KindCountry, "made", bytes.NewReader(file),
		func(network.Range) error { rows++; return nil }, func(int64, string) error { return nil })
	if !fault.Is(err, fault.Corrupt) {
		t.Errorf("%d ranges, %v", rows, err)
	}
}

// A damaged file ends in an error or in bad rows, never in a crash or in a
// country that no code names.
func FuzzReadMMDB(f *testing.F) {
	seeds := []string{
		madeMMDB(netip.MustParsePrefix("198.51.100.0/24"), mapOf("country_code", text("IN"))),
		madeMMDB(netip.MustParsePrefix("2001:db8::/32"), mapOf("country", mapOf("iso_code", text("SG")))),
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if len(file) > 1<<16 {
			return
		}
		given := 0
		_ = network.Read(network.KindCountry, "fuzz", bytes.NewReader(append(file, 0)), func(r network.Range) error {
			if len(r.Country) != 2 || r.Last.Less(r.First) {
				t.Errorf("%s-%s is in %q", r.First, r.Last, r.Country)
			}
			if given++; given > 100000 {
				return bytes.ErrTooLarge
			}
			return nil
		}, func(int64, string) error { return nil })
	})
}
