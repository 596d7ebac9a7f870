// Package india reads what India's access operators state about addresses: IP
// detail records, logs of address translation, and answers that name a
// subscriber.
//
// Takes the CSV forms that the Department of Telecommunications ordered (letter
// 8520-01/98-LR/Vol.(IX)Pt.I of 16 November 2021) and the variants that
// operators really send (formats.md §5.5). Gives leases. Never completes or
// repairs a number, a date or an address: what a spreadsheet has rounded is
// refused with its row.
package india

import "suraag/intake/table"

// Our words for the columns.
const (
	person     = "name"
	address    = "address"
	msisdn     = "msisdn"
	userID     = "user id"
	sourceIP   = "source ip"
	sourcePort = "source port"
	publicIP   = "public ip"
	publicPort = "public port"
	destIP     = "destination ip"
	destPort   = "destination port"
	static     = "static or dynamic"
	startTime  = "start time"
	endTime    = "end time"
	startDate  = "start date"
	endDate    = "end date"
	device     = "device"
	imei       = "imei"
	imsi       = "imsi"
	protocol   = "protocol"
	startBoth  = "start date and time"
	endBoth    = "end date and time"
)

// flow are the columns that IPDR and NAT logs share. The first of each is the
// 2021 letter's; the others were seen in operators' files.
var flow = table.Names{
	sourceIP: {"Source IP Address", "Source IP Address (IP Address Assigned/Translated)", "Source_IP", "Source IP", "Src IP", "SrcIP",
		"Private IP Address", "Private IP", "Source IP Address (Private)", "IP Address Assigned", "Assigned IP Address"},
	sourcePort: {"Source Port", "Source_Port", "Src Port", "Private Port", "Private IP Port", "Source IP Port"},
	publicIP: {"Translated IP Address", "Translated IP", "Translated_IP", "Public IP Address", "Public IP", "Public_IP", "NAT IP", "NAT IP Address",
		"Translated Source IP Address", "Post NAT IP Address", "Translated IP Address (Public)"},
	publicPort: {"Translated Port", "Translated_Port", "Translated IP Port", "Public IP Port", "Public Port", "Public_Port", "NAT Port",
		"Translated Source Port"},
	destIP:   {"Destination IP Address", "Destination IP", "Destination_IP", "Dest IP", "DestIP", "Dst IP"},
	destPort: {"Destination Port", "Destination_Port", "Dest Port", "Dst Port", "Destination IP Port"},
	protocol: {"Protocol", "Transport Protocol", "L4 Protocol"},
	startTime: {"Start Time", "IST Start Time of IP address allocation (hh:mm:ss)", "IST Start Time of Public IP address allocation (hh:mm:ss)",
		"IST Start Time of IP allocation (hh:mm:ss)", "IST Start Time of IP address allocation", "IST Start Time of Public IP address allocation",
		"IST Start Time", "Start Time (hh:mm:ss)", "Start Time (IST)", "Start_Time"},
	endTime: {"End Time", "IST End Time of IP address allocation (hh:mm:ss)", "IST End Time of Public IP address allocation (hh:mm:ss)",
		"IST End Time of IP allocation (hh:mm:ss)", "IST End Time of IP address allocation", "IST End Time of Public IP address allocation",
		"IST End Time", "End Time (hh:mm:ss)", "End Time (IST)", "End_Time"},
	startDate: {"Start Date", "Start Date of IP address allocation (dd/mm/yyyy)", "Start Date of Public IP Address allocation (dd/mm/yyyy)",
		"Start Date of IP allocation (dd/mm/yyyy)", "Start Date of IP address allocation", "Start Date of Public IP address allocation",
		"Start Date (dd/mm/yyyy)", "Start Date (mm:dd:yyyy)", "Start_Date"},
	endDate: {"End Date", "End Date of IP address allocation (dd/mm/yyyy)", "End Date of Public IP Address allocation (dd/mm/yyyy)",
		"End Date of IP allocation (dd/mm/yyyy)", "End Date of IP address allocation", "End Date of Public IP address allocation",
		"End Date (dd/mm/yyyy)", "End Date (mm:dd:yyyy)", "End_Date"},
	startBoth: {"Start Date & Time", "Start Date Time", "Start DateTime", "Start Date and Time", "Start Date (mm:dd:yyyy) & Time (hh:mm:ss)",
		"Start Date & Time (mm:dd:yyyy hh:mm:ss)", "Start Timestamp"},
	endBoth: {"End Date & Time", "End Date Time", "End DateTime", "End Date and Time", "End Date (mm:dd:yyyy) & Time (hh:mm:ss)",
		"End Date & Time (mm:dd:yyyy hh:mm:ss)", "End Timestamp"},
}

// subscriber columns of IPDR.
var ipdrColumns = table.Names{
	person:  {"Name of person/Organization", "Name of person/organisation", "Name of the person/Organization", "Subscriber Name", "Customer Name"},
	address: {"Address", "Subscriber Address", "Customer Address"},
	msisdn: {"Landline/MSISDN/MDN/Leased Circuit ID for Internet Access", "Landline/MSISDN/MDN/Leased circuit ID", "MSISDN", "MDN",
		"Landline/MSISDN/MDN", "MSISDN/MDN", "Mobile Number"},
	userID: {"User Id for internet Access based on authentication", "User ID for Internet access", "User ID", "UserID", "User Id based on authentication"},
	static: {"Static/Dynamic IP Address Allocation", "Static/Dynamic IP allocation", "Static/Dynamic", "IP Type"},
	device: {"Source MAC-ID Address/Other device Identification number", "Source MAC/IMEI/other device id", "Source MAC-ID/Other device identification",
		"Source MAC Address/Other device identification number", "MAC/IMEI", "Source MAC ID", "MAC ID", "MAC Address", "Source MAC Address"},
	imei: {"IMEI", "IMEI Number"},
	imsi: {"IMSI", "IMSI Number"},
}

// ipdrKeep are known columns that a lease has no place for.
var ipdrKeep = []string{
	"Contact Number", "Contact No.", "Alternate Contact Number", "Alternate Contact No.", "Email ID", "E-mail", "Email", "SIM Type",
	"IMSI and SIM type", "PGW IP address", "PGW_GGSN_IP_Address", "Access Point Name", "APN", "First CELL ID", "Last CELL ID", "CGI ID", "Cell ID",
	"TIME1 (dd/MM/yyyy HH:mm:ss)", "Session Duration (Seconds)", "Session Duration", "Data Volume Up Link", "Data Volume Down Link",
	"Uplink_Vol", "Downlink_Vol", "Uplink Volume", "Downlink Volume", "Roaming Circle Indicator", "Roaming Circle", "Home_Roaming_Circle", "RAT",
	"No.", "S.No", "Sl No", "Sr No", "S.No.",
}

// rounded are the columns in which a spreadsheet's rounding destroys the number
// that a person is found by (formats.md §8.8). Contact columns stand under their
// titles.
var rounded = []string{msisdn, userID, device, imei, imsi}

// An operator's answer to a question about addresses: No., IP Address, Date,
// Time(IST), username, firstname, fulladdress, mobile.
const (
	ip       = "ip address"
	port     = "port"
	date     = "date"
	clock    = "time"
	username = "username"
	mobile   = "mobile"
)

var answerColumns = table.Names{
	ip: {"IP", "IPAddress", "Public IP Address", "Public IP"}, port: {"Source Port", "Public Port", "Port No", "IP Port"},
	date: nil, clock: {"Time(IST)", "Time (IST)", "Time IST"},
	username: {"user name", "User ID", "userid"}, person: {"firstname", "first name", "Customer Name", "Subscriber Name"},
	address: {"fulladdress", "full address"}, mobile: {"mobile no", "mobile number", "mobileno", "MSISDN"},
}

var answerKeep = []string{"No.", "No", "S.No", "S.No.", "Sl No", "Sr No", "lastname", "last name", "email", "e-mail"}
