package hardware

import (
	"encoding/json"
	"strconv"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// smartDoc is what smartctl --json prints, as far as it is read.
//
// Source: smartctl(8), ataprint.cpp, nvmeprint.cpp of smartmontools 7.
type smartDoc struct {
	Smartctl struct {
		Messages []struct{ String string }
	}
	Serial   string                     `json:"serial_number"`
	Firmware string                     `json:"firmware_version"`
	Status   *struct{ Passed bool }     `json:"smart_status"`
	Heat     struct{ Current int32 }    `json:"temperature"`
	On       struct{ Hours int64 }      `json:"power_on_time"`
	ATA      struct{ Table []smartRow } `json:"ata_smart_attributes"`
	NVMe     *struct {
		Used    int32 `json:"percentage_used"`
		Written int64 `json:"data_units_written"` // of 512,000 bytes
		Errors  int64 `json:"media_errors"`
		Warning int32 `json:"critical_warning"`
	} `json:"nvme_smart_health_information_log"`
	Endurance *struct {
		Used int32 `json:"current_percent"`
	} `json:"endurance_used"`
	Grown *int64 `json:"scsi_grown_defect_list"`
}

type smartRow struct {
	ID                   int32
	Name                 string
	Value, Worst, Thresh int32
	Failed               string `json:"when_failed"`
	Raw                  struct {
		Value  json.Number
		String string
	}
}

// mostAttributes is more than any disk has.
const mostAttributes = 64

// diskHealth reads what smartctl says of a disk. Its exit status has bits for what
// it found, so that one which is not 0 is no failure when there is an answer.
func diskHealth(s section) *apiv1.DiskHealth {
	h := &apiv1.DiskHealth{Verdict: apiv1.DiskHealth_VERDICT_UNKNOWN, WearPercent: -1, BadSectors: -1}
	var doc smartDoc
	switch {
	case s.status == 127 || s.status == 126:
		h.Problem = "smartctl is not installed on the host"
		return h
	case s.status == 124 || s.status == 137 || s.status < 0:
		h.Problem = "the disk did not answer within 10 seconds"
		return h
	case json.Unmarshal(s.text, &doc) != nil:
		h.Problem = "smartctl gives no answer that is understood: it needs version 7, and root's rights by login or sudo"
		return h
	}
	h.Serial, h.Firmware, h.Temperature, h.PowerOnHours = clean(doc.Serial, 60), clean(doc.Firmware, 40), doc.Heat.Current, max(0, doc.On.Hours)
	doc.tell(h)
	if doc.Status == nil {
		h.Problem = "the disk does not tell"
		if len(doc.Smartctl.Messages) > 0 {
			h.Problem = clean(doc.Smartctl.Messages[0].String, 200)
		} else if s.status == 2 {
			h.Problem = "the disk is asleep, and was left so"
		}
		return h
	}
	h.Verdict = apiv1.DiskHealth_VERDICT_GOOD
	if !doc.Status.Passed {
		h.Verdict = apiv1.DiskHealth_VERDICT_FAIL
	} else if h.BadSectors > 0 || h.WearPercent >= 100 || doc.NVMe != nil && doc.NVMe.Warning != 0 {
		h.Verdict = apiv1.DiskHealth_VERDICT_WARN
	}
	return h
}

// tell fills in wear, errors and attributes.
func (doc smartDoc) tell(h *apiv1.DiskHealth) {
	if n := doc.NVMe; n != nil {
		h.WearPercent, h.BadSectors = min(max(n.Used, 0), 255), max(n.Errors, 0)
		h.WrittenBytes = min(max(n.Written, 0), 1<<43) * 512_000
	}
	if doc.Endurance != nil {
		h.WearPercent = min(max(doc.Endurance.Used, 0), 255)
	}
	if doc.Grown != nil {
		h.BadSectors = max(*doc.Grown, 0)
	}
	for _, a := range doc.ATA.Table {
		if len(h.Attributes) == mostAttributes {
			break
		}
		h.Attributes = append(h.Attributes, &apiv1.DiskHealth_Attribute{
			Id: strconv.Itoa(int(a.ID)), Name: clean(a.Name, 60), Raw: clean(a.Raw.String, 60), Value: a.Value, Worst: a.Worst, Limit: a.Thresh, Failed: clean(a.Failed, 20),
		})
		// Reallocated, pending and uncorrectable sectors: ids that all makers use so.
		if n, err := a.Raw.Value.Int64(); err == nil && n >= 0 && n < 1<<40 && (a.ID == 5 || a.ID == 197 || a.ID == 198) {
			h.BadSectors = max(0, h.BadSectors) + n
		}
	}
}
