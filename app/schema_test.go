package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"suraag/app"
	"suraag/app/demo"
	"suraag/casework"
)

const schemaFile = "../doc/trace.schema.json"

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ask runs the program and gives what it prints as JSON.
func ask(t *testing.T, data string, args ...string) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	env := []string{"SURAAG_NOW=2025-03-12T09:00:00Z", "SURAAG_BY=officer", "SURAAG_DATA=" + data}
	if code := app.Run(context.Background(), env, strings.NewReader(""), &out, &errs, append(args, "--json")); code != 0 {
		t.Fatalf("suraag %s exits with %d: %s", strings.Join(args, " "), code, errs.String())
	}
	return out.Bytes()
}

// What trace --json prints is what doc/trace.schema.json promises, whatever is
// asked and whether or not anything is known of it.
func TestTracesKeepToTheSchema(t *testing.T) {
	t.Parallel()
	s, data := schema(t), exampleRecord(t)
	picture := filepath.Join(t.TempDir(), "picture.jpg")
	write(t, picture, demo.Picture())
	plain := filepath.Join(t.TempDir(), "notes.txt")
	write(t, plain, []byte("no picture"))
	for _, c := range []struct {
		name, target string
		empty        []string // lists that have to be there and empty
	}{
		{"image", picture, nil},
		{"file that is no image", plain, []string{"sightings", "addresses", "leads"}},
		{"md5", demo.Target, nil},
		{"pdq", "pdq:e6c609096b298d98969431613969a6949287393a339213996d7ecbd67bf9dc6e", nil},
		{"phone", "+910000000001", []string{"leads"}},
		{"e-mail", "a.keeper@example.com", nil},
		{"account at a service", "account:instagram:900000000000002", nil},
		{"someone who only received", "handle:kik:shore_bird_9", nil},
		{"ip", "198.51.100.77", nil},
		{"ip:port", "198.51.100.77:51602", nil},
		{"ipv6", "2001:db8:40:77::21", nil},
		{"ip:port of the VPN, without content", "203.0.113.66:44321", []string{"family", "leads"}},
		{"unknown digest", "00000000000000000000000000000000", []string{"sightings", "actors", "addresses", "leads"}},
		{"unknown phone", "+910000009999", []string{"family", "sightings", "actors", "addresses", "leads"}},
		{"unknown ip", "192.0.2.250", []string{"family", "sightings", "actors", "addresses", "leads"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := ask(t, data, "trace", c.target)
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(v); err != nil {
				t.Errorf("%#v", err)
			}
			for _, name := range c.empty {
				if list, is := v.(map[string]any)[name].([]any); !is || len(list) > 0 {
					t.Errorf("%s is %v, want []", name, v.(map[string]any)[name])
				}
			}
		})
	}
}

// The schema is strict: whatever is renamed, dropped, added or null is seen.
func TestSchemaSeesEveryChange(t *testing.T) {
	s, data := schema(t), exampleRecord(t)
	text := ask(t, data, "trace", demo.Target)
	for _, c := range []struct {
		name   string
		change func(trace map[string]any)
	}{
		{"renamed list", func(m map[string]any) { m["seen"] = m["sightings"]; delete(m, "sightings") }},
		{"null list", func(m map[string]any) { m["leads"] = nil }},
		{"sighting without source", func(m map[string]any) { delete(first(m, "sightings"), "source") }},
		{"sighting without place", func(m map[string]any) { delete(first(m, "sightings"), "place") }},
		{"address without source", func(m map[string]any) { delete(first(m, "addresses"), "source") }},
		{"lead without place", func(m map[string]any) { delete(first(m, "leads"), "place") }},
		{"origin without source", func(m map[string]any) { delete(first(m["origin"].(map[string]any), "proven"), "source") }},
		{"seen content without source", func(m map[string]any) { delete(first(m, "family"), "source") }},
		{"renamed field of a sighting", func(m map[string]any) { x := first(m, "sightings"); x["did"] = x["act"]; delete(x, "act") }},
		{"optional field renamed", func(m map[string]any) { first(m, "addresses")["asks"] = "x" }},
		{"an outcome that the gate does not know", func(m map[string]any) { first(m, "addresses")["outcome"] = "arrest" }},
		{"finding without what points elsewhere", func(m map[string]any) { first(m, "addresses")["counter"] = []any{} }},
		{"source that is no SHA-256", func(m map[string]any) { first(m, "sightings")["source"] = "tip.json" }},
		{"time that is none", func(m map[string]any) { m["as_of"] = "yesterday" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			c.change(v.(map[string]any))
			if s.Validate(v) == nil {
				t.Error("the schema lets it pass")
			}
		})
	}
}

func first(m map[string]any, list string) map[string]any { return m[list].([]any)[0].(map[string]any) }

// The schema names the fields of our types, no more and no fewer, also those that
// the example never fills.
func TestSchemaNamesEveryField(t *testing.T) {
	text, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	var root object
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	want := map[string]fields{}
	collect(reflect.TypeFor[casework.Trace](), want)
	got := map[string]fields{"casework.Trace": root.fields()}
	for name, o := range root.Defs {
		if o.Type == "object" {
			got[name] = o.fields()
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields of the types (-) and of the schema (+):\n%s", diff)
	}
}

type object struct {
	Type       string
	Properties map[string]any
	Required   []string
	Additional *bool             `json:"additionalProperties"`
	Defs       map[string]object `json:"$defs"`
}

type fields struct {
	All, Required []string
	Open          bool
}

func (o object) fields() (f fields) {
	for name := range o.Properties {
		f.All = append(f.All, name)
	}
	f.Required = slices.Clone(o.Required)
	slices.Sort(f.All)
	slices.Sort(f.Required)
	f.Open = o.Additional == nil || *o.Additional
	return f
}

// collect lists the fields of a type and of all types that it holds.
func collect(t reflect.Type, into map[string]fields) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		collect(t.Elem(), into)
	case reflect.Struct:
		_, done := into[t.String()]
		if done || slices.Contains([]string{"time.Time", "digest.Digest", "netip.Addr", "netip.AddrPort"}, t.String()) {
			return
		}
		var f fields
		into[t.String()] = f
		add(t, &f, into)
		slices.Sort(f.All)
		slices.Sort(f.Required)
		f.All, f.Required = slices.Compact(f.All), slices.Compact(f.Required)
		into[t.String()] = f
	}
}

func add(t reflect.Type, f *fields, into map[string]fields) {
	for n := range t.NumField() {
		x := t.Field(n)
		name, opts, _ := strings.Cut(x.Tag.Get("json"), ",")
		switch {
		case x.Anonymous && name == "":
			add(x.Type, f, into)
		case name != "-" && x.IsExported():
			f.All = append(f.All, name)
			if !strings.Contains(opts, "omit") {
				f.Required = append(f.Required, name)
			}
			collect(x.Type, into)
		}
	}
}
