package whatsapp

import (
	"fmt"
	"strings"

	"suraag/intake"
	"suraag/intake/labels"
)

// Format reads an answer of WhatsApp.
func Format() intake.Format {
	return intake.Format{
		Name:    "whatsapp/return",
		Title:   "WhatsApp legal return",
		Version: 2, // 2: a telephone number without its country names nobody
		Marks:   `HTML with sections <div id="property-…">, whose Service is WhatsApp`,
		Sniff:   sniff,
		Read:    read,
	}
}

func sniff(h intake.Head) intake.Likeness {
	service, sections := labels.Peek(h.Bytes)
	switch {
	case len(sections) == 0:
		return intake.Likeness{Why: `no section <div id="property-…"> begins in it`}
	case strings.EqualFold(service, "whatsapp"), service == "" && labels.WhatsApp(sections):
		return intake.Likeness{Score: 95, Why: fmt.Sprintf("%d sections, Service WhatsApp", len(sections))}
	}
	return intake.Likeness{Score: 20, Why: fmt.Sprintf("its Service is %q", service)}
}

func read(in *intake.Input, sink intake.Sink) error {
	r := &reader{in: in, sink: sink, account: labels.Account{Service: "WhatsApp"}}
	return labels.Read(in.Body, shapes(), sink, r.record, func() error {
		return r.profile.Give(&r.account, in, sink)
	})
}
