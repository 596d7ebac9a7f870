package app_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"suraag/casework/complaint"
)

// takeComplaint takes a complaint at the terminal and gives its ID.
func takeComplaint(t *testing.T, data, victim, received string, accused ...string) string {
	t.Helper()
	f := map[string]any{
		"number": "DD of " + victim, "station": "Example Cyber Cell", "district": "Example East", "received": received, "kinds": []string{"sextortion"}, "age_band": "12-16",
		"story": "He asks for money.", "person": complaint.Victim{Name: victim + " Example"},
	}
	var stated []complaint.Stated
	for _, a := range accused {
		kind, value, _ := strings.Cut(a, ":")
		stated = append(stated, complaint.Stated{Kind: kind, Value: value})
	}
	f["accused"] = stated
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "complaint.json")
	write(t, path, b)
	var taken struct {
		Source string `json:"source"`
	}
	if out := ask(t, data, "complaint", "take", path); json.Unmarshal(out, &taken) != nil || len(taken.Source) != 64 {
		t.Fatalf("the complaint is taken as %s", out)
	}
	return taken.Source
}

// Three complaints are of one man: one is the whole unit's, two are of a case.
// Who is not on the case learns that there are others, and nothing of what they
// say: neither the number that ties them nor the child.
func TestComplaintsOfACaseStayInIt(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	open := takeComplaint(t, data, "Asha", "2025-03-01T04:30:00Z", "phone:+910000000001")
	first := takeComplaint(t, data, "Bela", "2025-03-02T04:30:00Z", "phone:+910000000001", "phone:+910000000002")
	second := takeComplaint(t, data, "Chitra", "2025-03-03T04:30:00Z", "phone:+910000000002")
	s := serve(t, data, "--sign-in")
	mine, other, analyst := s.invited("a", "officer"), s.invited("b", "officer"), s.invited("n", "analyst")
	ask(t, data, "case", "new", "FIR 12/2025", "--title", "Keeper of the lighthouse", "--station", "PS Cyber Cell", "--charge", "a")
	ask(t, data, "case", "add", "FIR 12/2025", first, second, "--member", "n")

	t.Run("what is told to who is not on the case", func(t *testing.T) {
		for _, path := range []string{"/complaints", "/complaints?all=yes", "/complaint/" + open, "/series", "/figures", "/figures?rows=district&row=Example+East&column=CR"} {
			code, shown := other.get(path)
			if code != http.StatusOK {
				t.Errorf("%s gives %d: %.300s", path, code, shown)
			}
			for _, secret := range []string{"910000000002", first, second, "DD of Bela", "DD of Chitra"} {
				if strings.Contains(shown, secret) {
					t.Errorf("%s tells %q to who is not on the case", path, secret)
				}
			}
		}
		if _, shown := other.get("/complaint/" + open); !strings.Contains(shown, "2 more complaints are held to be of the same someone") {
			t.Errorf("that there are more is not told: %s", shown)
		}
		if code, _ := other.get("/complaint/" + first); code != http.StatusForbidden {
			t.Errorf("a complaint of the case: %d", code)
		}
	})
	t.Run("the purpose is stated before a complaint of a case is shown", func(t *testing.T) {
		for name, v := range map[string]visitor{"officer": mine, "analyst": analyst} {
			code, shown := v.get("/complaint/" + first)
			if code != http.StatusOK || !strings.Contains(shown, "What do you need it for?") || strings.Contains(shown, "910000000002") {
				t.Fatalf("%s: it opens without a purpose: %d %.300s", name, code, shown)
			}
			code, shown = v.send("/complaint/"+first, formTo(shown), url.Values{"purpose": {"Preparing the request to the operator"}, "do": {"open"}})
			if code != http.StatusOK || !strings.Contains(shown, "910000000002") {
				t.Errorf("%s after the purpose: %d %.300s", name, code, shown)
			}
		}
	})
	t.Run("figures are taken out by those who may take documents out", func(t *testing.T) {
		if code, shown := mine.get("/figures?file=csv"); code != http.StatusOK || !strings.Contains(shown, ",") {
			t.Errorf("an officer: %d %.200s", code, shown)
		}
		if code, shown := analyst.get("/figures?file=csv"); code != http.StatusForbidden || !strings.Contains(shown, "may not take documents out") {
			t.Errorf("an analyst: %d %.300s", code, shown)
		}
		if _, shown := analyst.get("/figures"); strings.Contains(shown, "file=csv") {
			t.Error("an analyst is offered a file")
		}
	})
	t.Run("who broke the glass looks, and records nothing", func(t *testing.T) {
		code, shown := other.get("/cases")
		at := strings.Index(shown, "/case/")
		if code != http.StatusOK || at < 0 {
			t.Fatal(code, shown)
		}
		to := shown[at:at+len("/case/")+32] + "/open"
		if code, shown := other.send(to, to, url.Values{"purpose": {"A child may be in danger now"}, "do": {"break"}}); code != http.StatusOK {
			t.Fatal(code, shown)
		}
		code, shown = other.get("/complaint/" + first)
		if code != http.StatusOK || !strings.Contains(shown, "910000000002") || strings.Contains(shown, `value="stage"`) {
			t.Errorf("the page after the glass was broken: %d %s", code, shown)
		}
		code, shown = other.send("/complaint/"+first, "/complaint/"+first, url.Values{"do": {"stage"}, "name": {complaint.Registered}, "on": {"2025-03-11"}, "words": {"FIR 99/2025"}})
		if code != http.StatusForbidden {
			t.Errorf("a stage is recorded by who may not add to the case: %d %.300s", code, shown)
		}
		code, shown = mine.send("/complaint/"+first, "/complaint/"+first, url.Values{"do": {"stage"}, "name": {complaint.Registered}, "on": {"2025-03-11"}, "words": {"FIR 12/2025"}})
		if code != http.StatusOK || !strings.Contains(shown, "FIR 12/2025") {
			t.Errorf("a stage by who is on the case: %d %.300s", code, shown)
		}
	})
}
