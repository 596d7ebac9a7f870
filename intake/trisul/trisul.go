// Package trisul reads flow records as Trisul IPDR exports them.
//
// Takes the CSV form of formats.md §5.5. Gives leases. Never reads a time
// without India's rule, because the export states no zone.
package trisul

import "suraag/intake/table"

// Our words for the columns. The export's header is Protocol,SrcIP,SrcPort,
// DestIP,DestPort,StartTime,EndTime,Duration,UserID,SubscriberID,NatIP,NatPort,
// DeviceIP,CustName,CustID,Address,PhoneNo,IP Type.
const (
	protocol = "Protocol"
	srcIP    = "SrcIP"
	srcPort  = "SrcPort"
	destIP   = "DestIP"
	destPort = "DestPort"
	start    = "StartTime"
	end      = "EndTime"
	userID   = "UserID"
	natIP    = "NatIP"
	natPort  = "NatPort"
	custName = "CustName"
	address  = "Address"
	phoneNo  = "PhoneNo"
	ipType   = "IP Type"
)

var columns = table.Names{
	protocol: nil, srcIP: {"Source IP"}, srcPort: {"Source Port"}, destIP: {"Destination IP"}, destPort: {"Destination Port"},
	start: nil, end: nil, userID: nil, natIP: nil, natPort: nil, custName: {"Customer Name"}, address: nil, phoneNo: {"Phone Number"}, ipType: nil,
}

// keep are known columns that a lease has no place for. The subscriber and
// customer numbers are the operator's own and mean nothing elsewhere.
var keep = []string{"Duration", "SubscriberID", "DeviceIP", "CustID"}
