package meta

import (
	"bytes"
	"fmt"
	"strings"

	"suraag/intake"
	"suraag/intake/labels"
)

// Format reads a record of Facebook or Instagram.
func Format() intake.Format {
	return intake.Format{
		Name:    "meta/record",
		Title:   "Meta business record (Facebook, Instagram)",
		Version: 3, // 3: a telephone number without its country names nobody; 2: the words of a message stand in their own place
		Marks:   `HTML with sections <div id="property-…">, whose Service is not WhatsApp`,
		Sniff:   sniff,
		Read:    read,
	}
}

func sniff(h intake.Head) intake.Likeness {
	service, sections := labels.Peek(h.Bytes)
	switch {
	case len(sections) == 0 && bytes.Contains(bytes.ToLower(h.Bytes), []byte("<html")):
		return intake.Likeness{Score: 5, Why: `no section <div id="property-…"> begins in it`}
	case len(sections) == 0:
		return intake.Likeness{Why: "it is not HTML"}
	case strings.EqualFold(service, "whatsapp"):
		return intake.Likeness{Score: 20, Why: "its Service is WhatsApp"}
	case service == "" && labels.WhatsApp(sections):
		return intake.Likeness{Score: 20, Why: "its sections are those of WhatsApp"}
	}
	return intake.Likeness{Score: 90, Why: fmt.Sprintf("%d sections, Service %q", len(sections), service)}
}

func read(in *intake.Input, sink intake.Sink) error {
	r := &reader{in: in, sink: sink, account: labels.Account{Service: in.Options.Service}}
	return labels.Read(in.Body, shapes(), sink, r.record, func() error {
		return r.profile.Give(&r.account, in, sink)
	})
}
