// Package google reads the subscriber information that Google hands to an
// authority: the page *.SubscriberInfo.html, mostly in a zip of zips.
//
// Takes a stream of HTML. Gives sightings: one register for the account, one log
// in for each row of its address tables. Never relies on the markup around the
// words, which is not published; the words are those that RLEAPP's and GLEAPP's
// readers look for (formats.md §5.3).
package google

// labelList are the labels of the page. The longer stands before one that it
// begins with.
func labelList() []string {
	return []string{
		"Google Account ID", "Name", "Given Name", "Family Name", "e-Mail", "Alternate e-Mails", "Created on",
		"Terms of Service IP", "Terms of Service Language", "Birthday (Month Day, Year)", "Services", "Status",
		"Last Updated Date", "Last Logins", "Deletion Date", "Contact e-Mail", "Recovery e-Mail", "Recovery SMS",
		"User Phone Numbers", "2-Step Verification Phone Numbers",
	}
}

// columns of the table IP ACTIVITY and of the table of changes.
func columnList() []string {
	return []string{
		"Timestamp", "IP Address", "IP", "Activity Type", "Android ID", "Apple iOS IDFV", "User Agent",
		"Change Type", "Old Value", "New Value",
	}
}
