// Package bucket keeps originals, and what the vault encrypts, in a bucket of an
// S3-compatible store.
//
// Takes settings. Gives custody.Keepers. Never overwrites (If-None-Match), never
// believes an upload before it was read back and hashed, never talks to another
// machine without TLS, and never shows a secret.
package bucket

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"suraag/custody"
	"suraag/fault"
)

// Bucket is an open bucket.
type Bucket struct {
	ctx      context.Context // ends everything that is under way
	api      minio.Core
	settings Settings
}

// Open makes ready to use a bucket. Nothing is asked of it yet.
func Open(ctx context.Context, s Settings) (*Bucket, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if s.Secret == "" {
		return nil, fault.WithHint(fault.Newf(fault.Invalid, "the secret of key %q for bucket %q is not given", s.AccessKey, s.Bucket), "put it alone into a file with mode 0600 and name that in secret_file, or give it in the environment")
	}
	if s.Patience == 0 {
		s.Patience = patience
	}
	if s.Tries == 0 {
		s.Tries = tries
	}
	if s.Region == "" {
		s.Region = "us-east-1"
	}
	address, err := s.address()
	if err != nil {
		return nil, err
	}
	pool, err := s.roots()
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: s.Patience}
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := dialer.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return impatient{c, s.Patience}, nil
		},
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: s.Patience, ResponseHeaderTimeout: s.Patience,
		IdleConnTimeout: s.Patience, MaxIdleConnsPerHost: 16, DisableCompression: true, MaxResponseHeaderBytes: 64 << 10,
	}
	client, err := minio.New(address.Host, &minio.Options{
		Creds: credentials.NewStaticV4(s.AccessKey, s.Secret, s.Session), Secure: address.Scheme == "https", Region: s.Region, Transport: transport, MaxRetries: s.Tries,
	})
	if err != nil {
		return nil, fault.Newf(fault.Invalid, "endpoint %q: %w", s.Endpoint, err)
	}
	return &Bucket{ctx: ctx, api: minio.Core{Client: client}, settings: s}, nil
}

// String names the bucket for people.
func (b *Bucket) String() string {
	return strings.TrimSuffix(b.settings.Endpoint, "/") + "/" + b.settings.Bucket + "/" + b.settings.Prefix
}

// Probe writes something, tries to write over it, reads it and removes it. A store
// that lets itself be written over is told.
func (b *Bucket) Probe(scratch string) (refuses bool, err error) {
	k := b.Keeper("probe", scratch)
	d, err := k.Create()
	if err != nil {
		return false, err
	}
	defer d.Discard()
	name := "probe-" + rand.Text()
	if _, err := d.Write([]byte(name)); err != nil {
		return false, fault.As(fault.Unavailable, err)
	}
	if err := d.Keep(name); err != nil {
		return false, err
	}
	_, refuses, err = d.(*draft).put(name)
	return refuses, errors.Join(err, k.Remove(name))
}

// Keeper keeps things in a folder of the bucket. What is on its way there lies in
// scratch, in files without a name, which end with the process.
func (b *Bucket) Keeper(folder, scratch string) *Keeper {
	return &Keeper{bucket: b, prefix: b.settings.Prefix + folder + "/", scratch: scratch}
}

// Keeper is a custody.Keeper in a bucket.
type Keeper struct {
	bucket  *Bucket
	prefix  string
	scratch string
}

// names are those that a thing can have: no path, nothing to be escaped.
var names = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{2,199}$`)

func (k *Keeper) key(name string) (string, error) {
	if !names.MatchString(name) {
		return "", fault.Newf(fault.Invalid, "original %.100q has no proper name", name)
	}
	return k.prefix + name, nil
}

// Create begins a draft on this machine: how long it is, and its hash, have to be
// known before it is sent.
func (k *Keeper) Create() (custody.Draft, error) {
	f, err := os.CreateTemp(k.scratch, "draft-")
	if err != nil {
		return nil, fault.As(fault.Unavailable, err)
	}
	// What has no name is gone with the process, however that ends. Who looks for drafts
	// of those that died in between may have taken the name already.
	if err := os.Remove(f.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.Close()
		return nil, fault.As(fault.Unavailable, err)
	}
	return &draft{keeper: k, f: f, sum: sha256.New(), md5: md5.New()}, nil
}

type draft struct {
	keeper *Keeper
	f      *os.File
	n      int64
	sum    hash.Hash
	md5    hash.Hash // for the store, which compares it; RFC 1864
}

func (d *draft) Write(p []byte) (int, error) {
	n, err := d.f.Write(p)
	d.n += int64(n)
	d.sum.Write(p[:n])
	d.md5.Write(p[:n])
	return n, err
}

func (d *draft) Discard() { d.f.Close() }

// maxPut is how many bytes go in one upload (Amazon S3 User Guide, "Uploading
// objects": 5 GB in a single PUT). Uploads in parts are not used: stores differ in
// whether they refuse to overwrite at their end.
const maxPut int64 = 5 << 30

// Keep uploads the draft, unless there is something under the name, and reads back
// what is there then. The store has it on its disks when it says so; that is its
// promise, and what it gives back is compared.
func (d *draft) Keep(name string) error {
	k := d.keeper
	if _, err := k.key(name); err != nil {
		return err
	}
	if d.n > maxPut {
		err := fault.Newf(fault.TooLarge, "original %q has %d bytes, more than %d, which is what a store takes at once", name, d.n, maxPut)
		return fault.WithHint(err, "keep such originals in files, without the settings of a store, or have the document split")
	}
	version, there, err := d.put(name)
	if err != nil {
		return err
	}
	same, err := k.holds(name, d.sum.Sum(nil))
	switch {
	case err != nil:
		return fault.Wrapf(err, "reading original %q back", name)
	case same:
		return nil
	case there:
		return fault.Newf(fault.Corrupt, "the store has other bytes under the name %q", name)
	}
	err = fault.Newf(fault.Corrupt, "the store gave other bytes back for %q than it was sent", name)
	// Only what was just sent goes: where the store let itself be written over, an older
	// version may be the last good one.
	gone := k.bucket.api.RemoveObject(k.bucket.ctx, k.bucket.settings.Bucket, k.prefix+name, minio.RemoveObjectOptions{VersionID: version})
	if gone != nil {
		gone = k.bucket.sorted(gone, name)
	}
	return errors.Join(err, gone)
}

// put uploads the draft and gives its version, or tells that there is something under the name. Each try
// reads for itself: what the one before may still be sending it sends from a reader
// of its own, so it is not left to the client to begin again.
func (d *draft) put(name string) (version string, there bool, err error) {
	b := d.keeper.bucket
	opts := minio.PutObjectOptions{ContentType: "application/octet-stream"}
	opts.SetMatchETagExcept("*")
	md5, sum := base64.StdEncoding.EncodeToString(d.md5.Sum(nil)), hex.EncodeToString(d.sum.Sum(nil))
	for n := range b.settings.Tries {
		if !b.pause(n) {
			break
		}
		once := struct{ io.Reader }{io.NewSectionReader(d.f, 0, d.n)}
		var sent minio.UploadInfo
		sent, err = b.api.PutObject(b.ctx, b.settings.Bucket, d.keeper.prefix+name, once, d.n, md5, sum, opts)
		if err == nil {
			return sent.VersionID, false, nil
		}
		switch r := minio.ToErrorResponse(err); {
		case r.StatusCode == http.StatusPreconditionFailed:
			return "", true, nil
		case r.StatusCode == 0, r.StatusCode == http.StatusRequestTimeout, r.StatusCode == http.StatusConflict, r.StatusCode == http.StatusTooManyRequests: // again
		case r.StatusCode >= http.StatusInternalServerError && r.StatusCode != http.StatusNotImplemented: // again
		case r.Code == "BadDigest", r.Code == "XAmzContentSHA256Mismatch": // it was damaged on the way: again
		default:
			return "", false, b.sorted(err, name)
		}
	}
	return "", false, b.sorted(err, name)
}

// pause waits longer before each further try, and tells whether to go on.
func (b *Bucket) pause(n int) bool {
	select { // the store may just be starting anew
	case <-b.ctx.Done():
		return n == 0
	case <-time.After(time.Duration(n) * minio.DefaultRetryUnit):
		return true
	}
}

// holds tells whether the bytes under a name have this SHA-256.
func (k *Keeper) holds(name string, sum []byte) (bool, error) {
	o, err := k.Open(name)
	if err != nil {
		return false, err
	}
	defer o.Close()
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(o, 0, o.Size())); err != nil {
		return false, err
	}
	return bytes.Equal(h.Sum(nil), sum), nil
}

// Open gives a kept thing. Its bytes come as they are read.
func (k *Keeper) Open(name string) (custody.Original, error) {
	key, err := k.key(name)
	if err != nil {
		return nil, err
	}
	info, err := k.bucket.api.StatObject(k.bucket.ctx, k.bucket.settings.Bucket, key, minio.StatObjectOptions{})
	if err != nil {
		return nil, k.bucket.sorted(err, name)
	}
	return &object{keeper: k, name: name, key: key, etag: info.ETag, size: info.Size, blocks: map[int64][]byte{}}, nil
}

// List gives the names of all that is kept, in order. S3 lists in order; stores
// that resemble it do not all.
func (k *Keeper) List(yield func(string) error) error {
	var found []string
	for o := range k.bucket.api.ListObjectsIter(k.bucket.ctx, k.bucket.settings.Bucket, minio.ListObjectsOptions{Prefix: k.prefix, Recursive: true}) {
		if o.Err != nil {
			return k.bucket.sorted(o.Err, "")
		}
		if name, ours := strings.CutPrefix(o.Key, k.prefix); ours && name != "" {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	for _, name := range found {
		if err := yield(name); err != nil {
			return err
		}
	}
	return nil
}

// Remove ends a kept thing for good, with every version that the bucket keeps of
// it. What an object lock holds cannot be removed before its day.
func (k *Keeper) Remove(name string) error {
	key, err := k.key(name)
	if err != nil {
		return err
	}
	b := k.bucket
	var versions []string
	for o := range b.api.ListObjectsIter(b.ctx, b.settings.Bucket, minio.ListObjectsOptions{Prefix: key, WithVersions: true, Recursive: true}) {
		if o.Err != nil {
			err := fault.Wrapf(b.sorted(o.Err, name), "asking which versions there are")
			return fault.WithHint(err, "the key needs s3:ListBucketVersions and s3:DeleteObjectVersion: without them an older version would stay")
		}
		if o.Key == key {
			versions = append(versions, o.VersionID)
		}
	}
	for _, v := range versions {
		err := b.api.RemoveObject(b.ctx, b.settings.Bucket, key, minio.RemoveObjectOptions{VersionID: v})
		if err != nil && minio.ToErrorResponse(err).StatusCode != http.StatusNotFound {
			return k.held(key, name, v, err)
		}
	}
	return nil
}

// held says until when a thing that could not be removed is locked, if it is.
func (k *Keeper) held(key, name, version string, why error) error {
	b := k.bucket
	err := b.sorted(why, name)
	mode, until, asked := b.api.GetObjectRetention(b.ctx, b.settings.Bucket, key, version)
	if asked == nil && until != nil && until.After(time.Now()) {
		how := "its object lock"
		if mode != nil {
			how += ", mode " + mode.String() + ","
		}
		err = fault.Newf(fault.Denied, "the bucket holds %q until %s by %s: %w", name, until.UTC().Format(time.DateOnly), how, why)
		return fault.WithHint(err, "remove it again after that day (suraag vault check --sweep, suraag retention run); a legal hold or lock that was set by mistake is for whoever owns the bucket to end")
	}
	return err
}

// sorted gives an error of the store its kind.
func (b *Bucket) sorted(err error, name string) error {
	r := minio.ToErrorResponse(err)
	switch {
	case r.Code == "NoSuchBucket":
		return fault.WithHint(fault.Newf(fault.Unavailable, "%w: bucket %q is not there", custody.ErrStore, b.settings.Bucket), "make it, with versions or object lock if you want them, or correct the settings of the store")
	case r.StatusCode == http.StatusNotFound:
		if there, err := b.api.BucketExists(b.ctx, b.settings.Bucket); err == nil && !there { // an answer to HEAD says only that much
			return b.sorted(minio.ErrorResponse{Code: "NoSuchBucket"}, name)
		}
		return fault.Newf(fault.NotFound, "original %s is not in %s", name, b)
	case r.StatusCode == http.StatusForbidden || r.StatusCode == http.StatusUnauthorized:
		return fault.WithHint(fault.Newf(fault.Denied, "%w: %s refuses key %q: %s", custody.ErrStore, b, b.settings.AccessKey, r.Code), "the key needs to list, read, write and remove in this bucket, with versions; the clock of this machine may be wrong too")
	case r.Code == "EntityTooLarge":
		return fault.Newf(fault.TooLarge, "the store at %s does not take %q: %s", b, name, r.Message)
	case r.StatusCode == http.StatusNotImplemented:
		return fault.WithHint(fault.Newf(fault.Unavailable, "%w: %s cannot do what is needed: %s", custody.ErrStore, b, r.Code), "a store is needed that refuses to overwrite (If-None-Match) and lists versions: Amazon S3, MinIO")
	case b.ctx.Err() != nil:
		return b.ctx.Err()
	}
	return fault.WithHint(fault.Newf(fault.Unavailable, "%w: %s: %w", custody.ErrStore, b, err), "try again; if it stays so, ask whoever runs the store")
}
