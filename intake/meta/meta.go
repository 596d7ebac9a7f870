// Package meta reads the records that Facebook and Instagram hand to an
// authority: HTML with labels and values, alone or in a zip with linked media.
//
// Takes a stream of HTML. Gives sightings. Never opens linked media.
//
// The sections and labels are those that RLEAPP's readers look for (MIT,
// abrignoni/RLEAPP, fbig*.py); see formats.md §5.2.
package meta

import "suraag/intake/labels"

// content is the shape of the sections that list what the account uploaded.
var content = []string{
	"Linked Media File", "Image", "Id", "Title", "Link", "Upload Ip", "Uploaded", "Author", "Owner", "Taken",
	"Privacy Setting", "Album Name", "Tags", "Url", "Source", "Is Published", "Shared By Author", "Carousel Id",
	"Like Count", "Comments", "Description", "Caption", "Text",
}

// message are the labels of one message; attachment those that repeat with each
// attachment of it.
var (
	message    = []string{"Author", "Sent", "Body", "Subscription Event", "Removed by Sender", "Share", "Summary", "Title", "Text"}
	attachment = []string{"Attachments", "Type", "Size", "URL", "Linked Media File", "Photo ID", "Image"}
	thread     = []string{"Thread", "Current Participants", "Past Participants"}
)

// shapes names every section that is read.
func shapes() map[string]labels.Shape {
	upload := labels.Shape{Known: content, Many: []string{"Linked Media File", "Image", "Tags", "Comments"}}
	talk := labels.Shape{Known: append(append([]string{}, message...), attachment...), Many: attachment, Head: thread}
	address := labels.Shape{Known: []string{"IP Address", "Ip", "Time", "Action", "User Agent", "Session"}}
	return map[string]labels.Shape{
		labels.Request:                   labels.RequestShape(),
		"ncmec_reports":                  labels.ReportsShape(),
		"ip_addresses":                   address,
		"logins":                         address,
		"registration_ip":                {Known: []string{"Registration Ip", "IP Address", "Ip"}},
		"registration_date":              {Known: []string{"Registration Date", "Time"}},
		"emails":                         {Known: []string{"Emails", "Registered Email Addresses", "Email"}},
		"phone_numbers":                  {Known: []string{"Phone Numbers", "Phone Number"}},
		"vanity":                         {Known: []string{"Vanity", "Vanity Name"}},
		"name":                           {Known: []string{"Name", "First", "Middle", "Last"}},
		"account_end_date":               {Known: []string{"Account End Date", "Active", "Time"}},
		"devices":                        {Known: []string{"Type", "Id", "Active", "User"}},
		"photos":                         upload,
		"videos":                         upload,
		"archived_stories":               upload,
		"unarchived_stories":             upload,
		"unified_messages":               talk,
		"reported_conversations":         talk,
		"reported_disappearing_messages": talk,
	}
}
