// Package whatsapp reads the two files in which WhatsApp answers an authority:
// account information, and the log of messages and calls.
//
// Takes a stream of HTML. Gives sightings. Never holds content: a message log
// has none and no hash of it. Contacts and groups are not kept: they are other
// people, of whom nothing is alleged.
//
// Sections and labels: Brazilian police readers of such returns, RLEAPP; see
// formats.md §5.1b.
package whatsapp

import "suraag/intake/labels"

// shapes names every section that is read.
func shapes() map[string]labels.Shape {
	return map[string]labels.Shape{
		labels.Request:  labels.RequestShape(),
		"ncmec_reports": labels.ReportsShape(),
		"message_log": {Known: []string{"Timestamp", "Message Id", "Sender", "Recipients", "Group Id", "Sender Ip", "Sender Port",
			"Sender Device", "Type", "Message Style", "Message Size"}},
		"call_logs": {Known: []string{"Type", "Timestamp", "From", "To", "From Ip", "From Port", "Media Type", "Phone Number", "State", "Platform"},
			Many: []string{"Phone Number", "State", "Platform"}, Head: []string{"Call Id", "Call Creator"}},
		"ip_addresses": {Known: []string{"Time", "IP Address"}},
		"connection_info": {Known: []string{"Device Id", "Service start", "Device Type", "App Version", "Device OS Build Number",
			"Connection State", "Last seen", "Last IP"}},
		"web_info": {Known: []string{"Version", "Platform", "Online Since", "Availability"}},
		"device_info": {Known: []string{"Device Id", "App Version", "OS Version", "OS Build Number", "Device Manufacturer",
			"Device Model"}},
		"emails":                {Known: []string{"Registered Email Addresses", "Emails", "Email"}},
		"small_medium_business": {Known: []string{"Small Medium Business"}},
	}
}
