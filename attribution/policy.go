package attribution

import "time"

// Policy holds what a unit may set. A zero field takes its default.
type Policy struct {
	// SensorUncertainty is how far the clock of a sensor may be off. Default
	// 500 ms: a sensor refuses to record beyond that (the sensor contract).
	SensorUncertainty time.Duration `json:"sensor_uncertainty_ns,omitempty"`
	// ServiceUncertainty is the same for the log of a service. Default 1 s:
	// RFC 6302 §2 asks servers to log to the second from a traceable source.
	ServiceUncertainty time.Duration `json:"service_uncertainty_ns,omitempty"`
	// DefaultClockError is taken where an operator states none. Default 5 s
	// (rule R7).
	DefaultClockError time.Duration `json:"default_clock_error_ns,omitempty"`
	// DataAge is how far from the moment address data may be dated before its age
	// is a caution. Default 31 days.
	DataAge time.Duration `json:"data_age_ns,omitempty"`
	// AskWithoutTorList lets a demand pass although no Tor exit list of the day
	// was at hand. Default no: the one who runs an exit would be named in place of
	// whoever used it, and the lists of every day are free (CollecTor).
	AskWithoutTorList bool `json:"ask_without_tor_list,omitempty"`
}

// The defaults of Policy.
const (
	sensorUncertainty  = 500 * time.Millisecond
	serviceUncertainty = time.Second
	defaultClockError  = 5 * time.Second
	dataAge            = 31 * 24 * time.Hour
)

func (p Policy) withDefaults() Policy {
	fill := func(d *time.Duration, value time.Duration) {
		if *d <= 0 {
			*d = value
		}
	}
	fill(&p.SensorUncertainty, sensorUncertainty)
	fill(&p.ServiceUncertainty, serviceUncertainty)
	fill(&p.DefaultClockError, defaultClockError)
	fill(&p.DataAge, dataAge)
	return p
}
