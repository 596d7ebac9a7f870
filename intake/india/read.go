package india

import (
	"maps"

	"suraag/intake"
	"suraag/intake/table"
)

// FormatIPDR reads IP detail records.
func FormatIPDR() intake.Format {
	return format("india/ipdr", "IP detail records of an Indian operator (CSV)",
		"a header with a source or public IP address, start date and time, and MSISDN or user id", ipdrLayout, detail)
}

// FormatNAT reads logs of address translation.
func FormatNAT() intake.Format {
	return format("india/nat", "NAT log of an Indian operator (CSV)",
		"a header with source and translated IP address and start date, and no subscriber", natLayout, translation)
}

// FormatSubscriber reads an operator's answer that names subscribers.
func FormatSubscriber() intake.Format {
	return format("india/subscriber", "Answer of an Indian operator naming subscribers (CSV)",
		"a header with IP Address, Date, Time(IST) and username or mobile", answerLayout, answer)
}

type adapter func(*table.Header, *table.Row, intake.Options) *draft

func format(name, title, marks string, layout func() table.Layout, adapt adapter) intake.Format {
	return intake.Format{
		Name: name, Title: title, Version: 1, Marks: marks, Sniff: layout().Sniff,
		Read: func(in *intake.Input, sink intake.Sink) error {
			return layout().Each(in, sink, func(h *table.Header, r *table.Row) error {
				d := adapt(h, r, in.Options)
				if d.problem != "" {
					return sink.Bad(r.Place(), d.problem)
				}
				return sink.Lease(d.Lease)
			})
		},
	}
}

func ipdrLayout() table.Layout {
	names := maps.Clone(flow)
	maps.Copy(names, ipdrColumns)
	return table.Layout{
		Names: names, Keep: ipdrKeep, Certain: 88, Unlike: trisul,
		Lacks: func(h *table.Header) string {
			switch {
			case !h.HasAny(sourceIP, publicIP):
				return "Source IP Address"
			case !h.HasAny(startDate, startBoth, startTime):
				return "Start Date"
			case !h.HasAny(msisdn, userID, person, imsi):
				return "MSISDN"
			}
			return ""
		},
	}
}

func natLayout() table.Layout {
	return table.Layout{
		Names: maps.Clone(flow), Keep: []string{"No.", "S.No", "Sl No", "Sr No", "Device IP", "Event", "Event Type"}, Certain: 86,
		Lacks: func(h *table.Header) string {
			if !h.HasAny(startDate, startBoth, startTime) {
				return "Start Date"
			}
			return h.Missing(sourceIP, publicIP)
		},
		Unlike: func(h *table.Header) string {
			ours := table.NewHeader(h.Titles, ipdrColumns, nil)
			if ours.HasAny(msisdn, userID, person, imsi) {
				return "its rows name subscribers"
			}
			return ""
		},
	}
}

func answerLayout() table.Layout {
	return table.Layout{
		Names: answerColumns, Keep: answerKeep, Certain: 84,
		Lacks: func(h *table.Header) string {
			if !h.HasAny(username, mobile, person) {
				return username
			}
			return h.Missing(ip, date, clock)
		},
	}
}

// trisul tells apart the export of one logger, which has names of its own and a
// reader of its own.
func trisul(h *table.Header) string {
	found := 0
	for _, title := range h.Titles {
		if key := table.Key(title); key == "srcip" || key == "natip" || key == "deviceip" {
			found++
		}
	}
	if found < 2 {
		return ""
	}
	return "its columns have the names of Trisul's export"
}
