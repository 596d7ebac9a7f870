package bucket

import (
	"crypto/x509"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/minio/minio-go/v7/pkg/s3utils"
	"github.com/pelletier/go-toml/v2"

	"suraag/fault"
)

// Settings say which bucket it is, and how it is reached.
type Settings struct {
	Endpoint   string `toml:"endpoint"`    // https://s3.example.org; http only on this machine
	Bucket     string `toml:"bucket"`      // has to be there
	Prefix     string `toml:"prefix"`      // before every name, ending with "/"; empty: none
	Region     string `toml:"region"`      // empty: us-east-1, which stores without regions take
	AccessKey  string `toml:"access_key"`  // the name of the key, which is no secret
	SecretFile string `toml:"secret_file"` // file with the secret alone, mode 0600; or the secret is in the environment
	Roots      string `toml:"roots"`       // file with the certificates of a private authority, PEM

	Secret   string        `toml:"-"`
	Session  string        `toml:"-"` // token of a temporary key
	Patience time.Duration `toml:"-"` // how long nothing may happen; 0: as is usual
	Tries    int           `toml:"-"` // how often something is asked for; 0: as is usual
}

const (
	maxSettings = 64 << 10
	patience    = 30 * time.Second // house rule: a store that is up answers within seconds
	tries       = 4                // house rule: the first, and three more within some seconds
)

// ReadSettings reads settings as TOML. A word that is not known is an error: it
// may be a slip that would leave something open.
func ReadSettings(r io.Reader) (Settings, error) {
	var s Settings
	b, err := io.ReadAll(io.LimitReader(r, maxSettings+1))
	if err != nil {
		return s, fault.As(fault.Unavailable, err)
	}
	if len(b) > maxSettings {
		return s, fault.Newf(fault.TooLarge, "settings of more than %d bytes", maxSettings)
	}
	d := toml.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return s, fault.WithHint(fault.Newf(fault.Invalid, "settings of the store: %w", err), "the words are endpoint, bucket, prefix, region, access_key, secret_file and roots, each in quotes")
	}
	return s, s.check()
}

var prefixes = regexp.MustCompile(`^([0-9A-Za-z][0-9A-Za-z._-]{0,63}/){0,4}$`)

func (s Settings) check() error {
	if _, err := s.address(); err != nil {
		return err
	}
	if err := s3utils.CheckValidBucketNameStrict(s.Bucket); err != nil {
		return fault.Newf(fault.Invalid, "bucket %q: %w", s.Bucket, err)
	}
	if !prefixes.MatchString(s.Prefix) {
		return fault.WithHint(fault.Newf(fault.Invalid, "prefix %q is none like unit-7/", s.Prefix), "letters, digits, dots and dashes, and a slash at the end")
	}
	if s.AccessKey == "" {
		return fault.WithHint(fault.Newf(fault.Invalid, "no access_key for bucket %q", s.Bucket), "give the name of a key that may do nothing but list, read, write and remove in this bucket")
	}
	return nil
}

// address checks that what goes over a line is encrypted.
func (s Settings) address() (*url.URL, error) {
	u, err := url.Parse(s.Endpoint)
	if err != nil || u.Host == "" || u.Path != "" && u.Path != "/" || u.User != nil || u.RawQuery != "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fault.Newf(fault.Invalid, "endpoint %q is none like https://s3.example.org", s.Endpoint)
	}
	if u.Scheme == "http" && !loopback(u.Hostname()) {
		err := fault.Newf(fault.Denied, "endpoint %q is on another machine, and nothing would be encrypted on the way", s.Endpoint)
		return nil, fault.WithHint(err, "give an address with https://; a private authority's certificates go into roots")
	}
	return u, nil
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() || host == "localhost"
}

// roots gives the certificates of a private authority, nil: those of the machine.
func (s Settings) roots() (*x509.CertPool, error) {
	if s.Roots == "" {
		return nil, nil
	}
	b, err := os.ReadFile(s.Roots)
	if err != nil {
		return nil, fault.Newf(fault.Unavailable, "certificates %q: %w", s.Roots, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, fault.Newf(fault.Invalid, "%q holds no certificate (PEM)", s.Roots)
	}
	return pool, nil
}

// impatient is a connection on which something has to happen all the time: a store
// that stops in the middle stops nobody else for long. An idle one ends too, and
// is made anew when it is needed.
type impatient struct {
	net.Conn
	patience time.Duration
}

func (c impatient) Read(p []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

// Write gives the answer, for which somebody waits at the same time, longer too.
func (c impatient) Write(p []byte) (int, error) {
	if err := c.SetDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
