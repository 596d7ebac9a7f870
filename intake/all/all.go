// Package all is the explicit list of every format that Suraag reads.
//
// Takes nothing. Gives the formats, in the order in which a tie between two
// sniffers is settled. A test holds the list against the folders.
package all

import (
	"suraag/intake"
	"suraag/intake/autopsy"
	"suraag/intake/cdr"
	"suraag/intake/complaint"
	"suraag/intake/cybertip"
	"suraag/intake/discord"
	"suraag/intake/generic"
	"suraag/intake/google"
	"suraag/intake/hashlist"
	"suraag/intake/icse"
	"suraag/intake/india"
	"suraag/intake/iped"
	"suraag/intake/kik"
	"suraag/intake/meta"
	"suraag/intake/metadyi"
	"suraag/intake/ncmec"
	"suraag/intake/nsrl"
	"suraag/intake/pdftext"
	"suraag/intake/snap"
	"suraag/intake/stopncii"
	"suraag/intake/takeout"
	"suraag/intake/telegram"
	"suraag/intake/threatexchange"
	"suraag/intake/trisul"
	"suraag/intake/ufed"
	"suraag/intake/vics"
	"suraag/intake/whatsapp"
	"suraag/intake/whatsappchat"
	"suraag/intake/xreturn"
)

// Formats gives every format.
func Formats() []intake.Format {
	return []intake.Format{
		vics.FormatCase(),
		vics.FormatSet(),
		icse.Format(),
		hashlist.Format(),
		ncmec.Format(),
		threatexchange.Format(),
		stopncii.Format(),
		nsrl.FormatSQLite(),
		nsrl.FormatText(),
		cybertip.FormatJSON(),
		cybertip.FormatXML(),
		complaint.Format(),
		ufed.Format(),
		meta.Format(),
		whatsapp.Format(),
		whatsappchat.Format(),
		telegram.Format(),
		metadyi.Format(),
		takeout.Format(),
		cdr.Format(),
		discord.FormatJSON(),
		discord.FormatCSV(),
		discord.FormatActivity(),
		snap.Format(),
		xreturn.Format(),
		autopsy.Format(),
		google.Format(),
		kik.Format(),
		iped.Format(),
		india.FormatIPDR(),
		india.FormatNAT(),
		india.FormatSubscriber(),
		trisul.Format(),
		generic.FormatCSV(),
		generic.FormatJSONL(),
		pdftext.Format(),
	}
}
