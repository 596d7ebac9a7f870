package actor_test

import (
	"strings"
	"testing"
	"time"

	"suraag/actor"
	"suraag/instant"
	"suraag/sighting"
)

// A number of which nothing was heard for long may be another person's since: what
// was stated before the silence does not join what was stated after.
func TestNumberThatMayHaveBeenGivenOutAnew(t *testing.T) {
	day := func(s sighting.Sighting, date string) sighting.Sighting {
		at, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		s.When = instant.Instant{At: at, Until: at}
		return s
	}
	const phone = "phone:+910000000001"
	for _, c := range []struct {
		name string
		in   []sighting.Sighting
		want string
	}{
		{"a month apart", []sighting.Sighting{
			day(see(t, "a", sighting.Login, "account:example chat:1", phone), "2024-01-01"), day(see(t, "b", sighting.Login, "account:example social:2", phone), "2024-02-01"),
		}, "account:example chat:1 account:example social:2 " + phone},
		{"a year apart", []sighting.Sighting{
			day(see(t, "a", sighting.Login, "account:example chat:1", phone), "2024-01-01"), day(see(t, "b", sighting.Login, "account:example social:2", phone), "2025-01-01"),
		}, "account:example chat:1 | account:example social:2 " + phone},
		{"a year apart, and the number was heard of all the while", []sighting.Sighting{
			day(see(t, "a", sighting.Login, "account:example chat:1", phone), "2024-01-01"), day(see(t, "c", sighting.Login, phone), "2024-04-01"), day(see(t, "d", sighting.Login, phone), "2024-07-01"),
			day(see(t, "e", sighting.Login, phone), "2024-10-01"), day(see(t, "b", sighting.Login, "account:example social:2", phone), "2025-01-01"),
		}, "account:example chat:1 account:example social:2 " + phone},
		{"one account that has it before and after", []sighting.Sighting{
			day(see(t, "a", sighting.Login, "account:example chat:1", phone), "2024-01-01"), day(see(t, "b", sighting.Login, "account:example chat:1", phone), "2025-01-01"),
			day(see(t, "c", sighting.Login, "account:example social:2", phone), "2025-01-02"),
		}, "account:example chat:1 account:example social:2 " + phone},
		{"nobody says when, and nothing is silent", []sighting.Sighting{
			see(t, "a", sighting.Login, "account:example chat:1", phone), see(t, "b", sighting.Login, "account:example social:2", phone),
		}, "account:example chat:1 account:example social:2 " + phone},
		{"one does not say when, and there was a silence", []sighting.Sighting{
			see(t, "a", sighting.Login, "account:example chat:1", phone), day(see(t, "b", sighting.Login, phone), "2024-01-01"), day(see(t, "c", sighting.Login, "account:example social:2", phone), "2025-01-01"),
		}, "account:example chat:1 | account:example social:2 " + phone},
		{"an account number is not given out anew", []sighting.Sighting{
			day(see(t, "a", sighting.Login, "account:example chat:1", "email:a@example.org"), "2020-01-01"), day(see(t, "b", sighting.Login, "account:example social:2", "email:a@example.org"), "2025-01-01"),
		}, "account:example chat:1 account:example social:2 email:a@example.org"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := actor.Actors(c.in, actor.Links(c.in, nil), nil)
			if groups(got) != c.want {
				t.Errorf("%s, want %s", groups(got), c.want)
			}
			for _, a := range got {
				for _, p := range a.Perhaps {
					if !strings.Contains(p.Why, "can be given out anew") {
						t.Errorf("why not: %s", p.Why)
					}
				}
				if len(got) > 1 && len(a.Perhaps) == 0 {
					t.Errorf("what was not joined is not shown: %+v", a)
				}
			}
		})
	}
}
