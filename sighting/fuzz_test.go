package sighting_test

import (
	"testing"

	"suraag/sighting"
)

// What is read of an identifier, written out, reads as the same: two complaints
// are tied by it, and a trace is asked for by it.
func FuzzParseIdentifier(f *testing.F) {
	seeds := []string{
		"phone:+910000000001", "email:A@Example.org", "account:instagram:900000000000001", "handle:example social:@cool_boy", "url:HTTPS://Example.org/Path",
		"mac:00-00-5E-00-53-01", "imei:490154203237518", "upi:someone@examplebank", "peer:000102", "account::", "phone:", ":", "",
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		i, err := sighting.ParseIdentifier(text)
		if err != nil {
			return
		}
		again, err := sighting.ParseIdentifier(i.String())
		if err != nil || again != i {
			t.Fatalf("%q reads as %+v, whose %q reads as %+v, %v", text, i, i.String(), again, err)
		}
	})
}

// A place in a source is written into bundles and read again by whoever checks one.
func FuzzParsePlace(f *testing.F) {
	seeds := []string{"0-12", "chat.zip!inner.zip!3-9", "12-3", "-1-2", "a!b", "9223372036854775807-9223372036854775807", "!0-0", ""}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := sighting.ParsePlace(text)
		if err != nil {
			return
		}
		if p.Start < 0 || p.End < p.Start {
			t.Fatalf("%q reads as %+v", text, p)
		}
		if again, err := sighting.ParsePlace(p.String()); err != nil || again != p {
			t.Fatalf("%q reads as %+v, whose %q reads as %+v, %v", text, p, p.String(), again, err)
		}
	})
}

// An address and a port, written out, read as the same; nothing but an address
// without a zone is taken.
func FuzzParseEndpoint(f *testing.F) {
	seeds := [][2]string{{"192.0.2.7", "1024"}, {"::ffff:192.0.2.7", ""}, {"[2001:db8::1]", "0"}, {"fe80::1%eth0", "1"}, {"192.0.2.7", "65536"}, {"", ""}, {"0300.1.1.1", "+1"}}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, ip, port string) {
		e, err := sighting.ParseEndpoint(ip, port)
		if err != nil {
			return
		}
		if e.IP.Zone() != "" || e.IP.Is4In6() || !e.IP.IsValid() {
			t.Fatalf("%q %q reads as %v", ip, port, e)
		}
		again, err := sighting.ParseEndpoint(e.IP.String(), "")
		again.Port = e.Port
		if err != nil || again != e {
			t.Fatalf("%q %q reads as %v, and that as %v, %v", ip, port, e, again, err)
		}
	})
}
