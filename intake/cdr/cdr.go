// Package cdr reads call detail records of India's telephone operators.
//
// Takes the CSV that an operator sends for one number (the target), in the header
// forms of Airtel, BSNL, Jio and Vi. Gives a call, or a message sent or received,
// for each row. A cell that a spreadsheet has rounded makes its row bad: its last
// digits, and with them the one whom it named, cannot be brought back.
//
// Header forms: formats.md §5.5. Which order dates have is not fixed by any text
// that is public, so day and month that could be exchanged stay open unless the
// officer declares their order.
package cdr

import (
	"strings"

	"suraag/intake/table"
)

// Our words for the columns.
const (
	target   = "target"
	other    = "other party"
	calling  = "calling party"
	called   = "called party"
	date     = "call date"
	clock    = "call time"
	kind     = "call type"
	service  = "service type"
	imei     = "imei"
	imsi     = "imsi"
	firstIP  = "wifi ip"
	firstEnd = "wifi port"
)

// columns joins them to the operators' titles.
var columns = table.Names{
	target:   {"Target No", "Target Number", "Target/A-Party Number", "Target / A Party Number", "Target /A PARTY NUMBER", "A Party Number", "A Party"},
	other:    {"B Party No", "B Party Number", "Other/B-party Number", "B Party"},
	calling:  {"Calling Party Telephone Number", "Calling Party"},
	called:   {"Called Party Telephone Number", "Called Party"},
	date:     {"Date"},
	clock:    {"Time", "Call Initiation Time", "Call Start Time"},
	kind:     {"Call Type (In/Out)", "CALL_TYPE"},
	service:  {"Service Type (Voice/SMS)"},
	imei:     {"IMEI Number", "IMEI No"},
	imsi:     {"IMSI Number", "IMSI No"},
	firstIP:  {"Vowifi First UE IP"},
	firstEnd: {"Port1"},
}

// kept are known titles that have no place of their own.
var kept = []string{
	"TOC", "Type of Connection", "LRN No", "LRN Called No", "LRN of B-Party Number", "LRN- B Party Number", "LRN TSP-LSA", "Translation of LRN", "LRN Operator Name with LSA",
	"Dur(s)", "Call Duration", "Call Termination Time", "First CGI Lat/Long", "First CGI", "Last CGI Lat/Long", "Last CGI", "First BTS Location", "First Cell Global ID",
	"Last BTS Location", "Last Cell Global ID", "First BTS Location-Address", "First Cell ID", "Last BTS Location-Address", "Last Cell ID", "SMSC No", "SMS Centre No.",
	"SMS Center Number", "SMS Centre Number", "Call Fow No", "Call Forwarding", "Call Forwarding Number", "Original Calling Party", "Roam Nw", "Roaming Network/Circle",
	"Roaming Circle Name", "SW & MSC ID", "Switch/MSC ID", "Switch ID / MSC ID", "MSC ID", "IN TG", "OUT TG", "Vowifi Last UE IP", "Port2",
}

// numbers are the columns in which rounding destroys whom the row names.
var numbers = []string{target, other, calling, called, imei, imsi}

// direction of a row, as seen from the target.
type direction int

const (
	unstated direction = iota
	out
	in
)

// directions are the words for it, in small letters and without signs.
var directions = map[string]direction{
	"out": out, "outgoing": out, "callout": out, "aout": out, "moc": out, "mo": out, "voiceout": out, "outcall": out, "voiceoutgoing": out,
	"smsout": out, "asmso": out, "smsmo": out, "smo": out, "smsoutgoing": out, "smso": out,
	"in": in, "incoming": in, "callin": in, "ain": in, "mtc": in, "mt": in, "voicein": in, "incall": in, "voiceincoming": in,
	"smsin": in, "asmsi": in, "smsmt": in, "smt": in, "smsincoming": in, "smsi": in,
}

// read tells direction and whether it is a message, by the words of both columns.
func read(kind, service string) (d direction, message bool) {
	kind, service = table.Key(kind), table.Key(service)
	return directions[kind], strings.Contains(kind, "sms") || strings.Contains(service, "sms") || kind == "smo" || kind == "smt"
}
