package demo

// entry is a file with its path under the folder files.
type entry struct {
	path string
	File
}

// The officers and the authority of the example.
const (
	officer  = "SI Example One, Cyber Police Station, Testpur"
	examiner = "Examiner Example Two, Forensic Laboratory, Testpur"
	fir      = "FIR 0012/2025, Cyber Police Station, Testpur"
	kolkata  = "Asia/Kolkata"
)

func entries() []entry {
	var out []entry
	for _, part := range [][]entry{addressData(), lists(), tips(), returns(), devices(), observations(), replies()} {
		out = append(out, part...)
	}
	return out
}

// addressData speaks of documentation addresses only. Two lists come in two
// versions, because what was true in February is not true in March.
func addressData() []entry {
	set := func(path, name, kind, day string) entry {
		return entry{path, File{Name: name, Purpose: Network, NetworkKind: kind, AsOf: day, Authority: "made for this example", BroughtBy: officer}}
	}
	return []entry{
		set("network/operators-2025-02-05.csv", "example-operators", "operators", "2025-02-05"),
		set("network/asn-2025-02-05.csv", "example-asn", "asn", "2025-02-05"),
		set("network/asn-2025-03-08.csv", "example-asn", "asn", "2025-03-08"),
		set("network/country-2025-02-05.csv", "example-country", "country", "2025-02-05"),
		set("network/country-2025-03-08.csv", "example-country", "country", "2025-03-08"),
		set("network/vpn-2025-02-05.txt", "example-vpn", "vpn", "2025-02-05"),
		set("network/vpn-2025-03-08.txt", "example-vpn", "vpn", "2025-03-08"),
		set("network/tor-2025-02-09-to-2025-03-10.txt", "example-tor", "tor", "2025-03-10"),
	}
}

// lists are what an authority already knows. The last is a mistake of its giver.
func lists() []entry {
	list := func(path, name, from string) entry {
		return entry{path, File{Purpose: HashSet, HashSetName: name, HashSetFrom: from, Authority: "agreement on the exchange of hash lists", BroughtBy: officer}}
	}
	return []entry{
		list("lists/example-hotline.vics.json", "Example Hotline list", "Example Hotline"),
		list("lists/example-icse.csv", "ICSE export", "INTERPOL NCB desk (made example)"),
		list("lists/mistaken-list.csv", "Mistaken list", "Example Partner"),
	}
}

func document(path, authority, by, zone string) entry {
	return entry{path, File{Purpose: Intake, Authority: authority, BroughtBy: by, Zone: zone}}
}

func tips() []entry {
	const referral = "hotline's referral through the national desk, 1 to 4 March 2025"
	share := document("cybertip/example-share_file.xml", referral, officer, "")
	share.Service = "Example Share" // the form for one file does not name its sender
	return []entry{
		document("cybertip/cybertip_100000001.json", referral, officer, ""),
		document("cybertip/cybertip_100000002.json", referral, officer, ""),
		document("cybertip/example-share_report.xml", referral, officer, ""),
		share,
	}
}

func returns() []entry {
	return []entry{
		document("returns/whatsapp_910000000001.html", fir+"; order BNSS s.94 no. 3/2025", officer, ""),
		document("returns/instagram_harbour_view_22.html", fir+"; order BNSS s.94 no. 4/2025", officer, ""),
		document("returns/a.keeper.SubscriberInfo.html", fir+"; order BNSS s.94 no. 5/2025", officer, ""),
		document("returns/kik_gull_watcher_4.zip", fir+"; order BNSS s.94 no. 6/2025", officer, ""),
	}
}

func devices() []entry {
	return []entry{
		document("devices/ufed_exhibit-1/report.xml", fir+"; seizure memo 1", examiner, ""),
		document("devices/iped_exhibit-2/FileList.csv", fir+"; seizure memo 2", examiner, kolkata),
		document("hash-run.jsonl", fir+"; examination report 7/2025", examiner, ""),
		document("observations/examiner-table.csv", fir+"; examination report 7/2025", examiner, ""),
	}
}

func observations() []entry {
	return []entry{
		document("observations/p2p-log.csv", fir+"; authorisation P2P-1/2025", officer, ""),
		document("observations/board-notes.csv", fir+"; complaint 77", officer, ""),
	}
}

func replies() []entry {
	return []entry{
		document("replies/example-mobile_nat.csv", fir+"; order BNSS s.94 no. 1/2025", officer, kolkata),
		document("replies/example-mobile_ipdr.csv", fir+"; order BNSS s.94 no. 1/2025", officer, kolkata),
		document("replies/example-fibre_subscriber.csv", fir+"; order BNSS s.94 no. 2/2025", officer, kolkata),
	}
}
