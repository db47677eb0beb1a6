package dialogs

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail"
	"handrail/bot"
	"handrail/dialogs/text"
)

// staffCode stands before the one-time code of a member of staff, which opens another door than a patient's.
const staffCode = "staff-"

// staffInviteLife is how long a code for staff works: what it opens is worth more than what a patient's does.
const staffInviteLife = 2 * 24 * time.Hour

// staffing is an administrator looking after who works here and what they may do, all of it in the chat and all of it in
// the audit trail. The last administrator stays one.
func (k *kit) staffing() bot.Dialog {
	return bot.Dialog{Name: "staff", Title: "staff.title", Opens: "staff.opens", May: managers, Script: k.staffingScript}
}

// member is one person of a list.
type member struct {
	ID     handrail.StaffID `json:"id"`
	Name   string           `json:"name"`
	Roles  []handrail.Role  `json:"roles,omitempty"`
	Active bool             `json:"active,omitempty"`
	Chat   bool             `json:"chat,omitempty"`
}

// membersAtOnce is how many people a page of the list shows.
const membersAtOnce = 8

func (k *kit) staffingScript(t *bot.Talk) error {
	who := t.Who()
	all := bot.Look(t, "all", func(ctx context.Context) ([]member, error) {
		staff, err := k.Records.AllStaff(ctx, who.Practice)
		if err != nil {
			return nil, err
		}
		out := make([]member, len(staff))
		for i, s := range staff {
			out[i] = member{ID: s.ID, Name: s.Name, Roles: s.Roles, Active: s.Active, Chat: !s.Address.IsZero()}
		}
		slices.SortStableFunc(out, func(a, b member) int { return order(a.Active, b.Active) })
		return out, nil
	})
	for i, from := 1, 0; ; i++ {
		n := strconv.Itoa(i)
		page := all[from:min(from+membersAtOnce, len(all))]
		body := t.Words("staff.head", "n", strconv.Itoa(len(all)))
		options := make([]bot.Option, 0, len(page)+3)
		for _, m := range page {
			item := t.Words("staff.line", "name", m.Name, "roles", k.rolesIn(m))
			item[0].Item = true
			body = append(body, item...)
			options = append(options, bot.Option{Answer: "one " + string(m.ID), Label: m.Name})
		}
		options = append(options, bot.Option{Answer: "add", Label: t.Line("staff.add"), Style: "main"})
		if len(all) > membersAtOnce {
			options = append(options, bot.Option{Answer: "more", Label: t.Line("staff.more")})
		}
		options = append(options, bot.Option{Answer: "done", Label: t.Line("staff.done")})
		what, id, _ := strings.Cut(t.ChooseFrom("who-"+n, bot.Message{Text: body, Options: options, Private: true}), " ")
		switch what {
		case "add":
			return k.staffAdd(t)
		case "done":
			t.Say(t.Words("staff.bye"))
			return nil
		case "more":
			if from += membersAtOnce; from >= len(all) {
				from = 0
			}
			continue
		}
		for _, m := range all {
			if string(m.ID) == id {
				return k.staffChange(t, m)
			}
		}
		return nil
	}
}

// order puts those first for whom it is true.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// rolesIn says what somebody may do, in words.
func (k *kit) rolesIn(m member) string {
	if !m.Active {
		return k.line("staff.left")
	}
	names := make([]string, len(m.Roles))
	for i, r := range m.Roles {
		names[i] = k.line("role." + string(r))
	}
	said := text.List(names)
	if said == "" {
		said = k.line("staff.norole")
	}
	if !m.Chat {
		said = text.Join(said, k.line("staff.nochat"))
	}
	return said
}

// staffAdd adds a person: their name, one role to begin with, and how they come into the chat.
func (k *kit) staffAdd(t *bot.Talk) error {
	name := t.Text("name", t.Words("staff.name"), k.brief(t, 70))
	role := handrail.Role(t.Choose("role", t.Words("staff.role", "name", name), k.roleOptions(handrail.Roles())...))
	who := t.Who()
	id := bot.Do(t, "add", "staff.undo", func(ctx context.Context) (handrail.StaffID, error) {
		before, err := k.Records.AllStaff(ctx, who.Practice)
		if err != nil {
			return "", err
		}
		err = k.Records.SaveStaff(ctx, handrail.Staff{Practice: who.Practice, Name: name, Roles: []handrail.Role{role}, Active: true}, actor(who))
		if err != nil {
			return "", err
		}
		after, err := k.Records.AllStaff(ctx, who.Practice)
		if err != nil {
			return "", err
		}
		for _, s := range after {
			if !slices.ContainsFunc(before, func(b handrail.Staff) bool { return b.ID == s.ID }) {
				return s.ID, nil
			}
		}
		return "", k.notThere()
	})
	t.Say(t.Words("staff.added", "name", name, "role", t.Line("role."+string(role))))
	return k.staffBind(t, member{ID: id, Name: name})
}

// roleOptions are roles to pick from.
func (k *kit) roleOptions(roles []handrail.Role) []bot.Option {
	out := make([]bot.Option, len(roles))
	for i, r := range roles {
		out[i] = bot.Option{Answer: string(r), Label: k.line("role." + string(r))}
	}
	return out
}

// staffBind is how somebody comes into the chat: by a one-time link, or by the network's own id for them where the
// administrator knows it.
func (k *kit) staffBind(t *bot.Talk, m member) error {
	who := t.Who()
	how := t.Choose("how", t.Words("staff.how", "name", m.Name), bot.Option{Answer: "link", Label: t.Line("staff.how.link"), Style: "main"},
		bot.Option{Answer: "id", Label: t.Line("staff.how.id")}, bot.Option{Answer: "later", Label: t.Line("staff.how.later")})
	switch how {
	case "later":
		t.Say(t.Words("staff.bye"))
		return nil
	case "link":
		code := bot.Do(t, "invited", "staff.invite.undo", func(ctx context.Context) (string, error) {
			return k.Records.NewStaffInvite(ctx, who.Practice, m.ID, staffInviteLife, actor(who))
		})
		link := k.Invitation(staffCode + code)
		t.Send(bot.Message{Text: t.Words("staff.invite", "name", m.Name, "code", staffCode+code), Private: true,
			Options: []bot.Option{{Label: t.Line("refer.link", "name", m.Name), Link: link}}})
		return nil
	}
	for i := 1; i < 4; i++ {
		n := strconv.Itoa(i)
		chat := chatID(t.Text("id-"+n, t.Words("staff.id", "name", m.Name), k.brief(t, 100)))
		said := bot.Do(t, "bound-"+n, "", func(ctx context.Context) (string, error) {
			to := t.From()
			to.Chat, to.Thread = chat, ""
			_, err := k.Records.ChangeStaff(ctx, who.Practice, m.ID, actor(who), func(s *handrail.Staff) error {
				s.Address = to
				return nil
			})
			if sentence, ok := handrail.Sentence(err); ok && (handrail.IsKind(err, handrail.KindConflict) || handrail.IsKind(err, handrail.KindInvalid)) {
				return sentence, nil
			}
			return "", err
		})
		if said == "" {
			t.Say(t.Words("staff.bound", "name", m.Name))
			return nil
		}
		t.Say(bot.Para(said))
	}
	return nil
}

// chatID is a network's id for a person as an administrator types or pastes it: "<@U024BE7LH|maya>" is U024BE7LH.
func chatID(s string) string {
	s = strings.Trim(strings.TrimSpace(s), "<>@ ")
	s, _, _ = strings.Cut(s, "|")
	return s
}

// staffChange changes what one person may do, or takes them out.
func (k *kit) staffChange(t *bot.Talk, m member) error {
	who := t.Who()
	var options []bot.Option
	if m.Active {
		options = append(options, bot.Option{Answer: "give", Label: t.Line("staff.give")})
		if len(m.Roles) > 0 {
			options = append(options, bot.Option{Answer: "take", Label: t.Line("staff.take")})
		}
		options = append(options, bot.Option{Answer: "bind", Label: t.Line("staff.bind")}, bot.Option{Answer: "out", Label: t.Line("staff.out")})
	} else {
		options = append(options, bot.Option{Answer: "in", Label: t.Line("staff.in")})
	}
	options = append(options, bot.Option{Answer: "leave", Label: t.Line("staff.done")})
	what := t.ChooseFrom("what", bot.Message{Text: t.Words("staff.one", "name", m.Name, "roles", k.rolesIn(m)), Options: options, Private: true})
	var role handrail.Role
	switch what {
	case "leave":
		t.Say(t.Words("staff.bye"))
		return nil
	case "bind":
		return k.staffBind(t, m)
	case "give":
		role = handrail.Role(t.Choose("role", t.Words("staff.give.which", "name", m.Name), k.roleOptions(slices.DeleteFunc(handrail.Roles(), func(r handrail.Role) bool { return slices.Contains(m.Roles, r) }))...))
	case "take":
		role = handrail.Role(t.Choose("role", t.Words("staff.take.which", "name", m.Name), k.roleOptions(m.Roles)...))
	case "out":
		if !t.Confirm("sure", t.Words("staff.out.sure", "name", m.Name)) {
			t.Say(t.Words("staff.bye"))
			return nil
		}
	}
	refused := bot.Do(t, "change", "staff.undo", func(ctx context.Context) (string, error) {
		_, err := k.Records.ChangeStaff(ctx, who.Practice, m.ID, actor(who), func(s *handrail.Staff) error {
			switch what {
			case "give":
				if !slices.Contains(s.Roles, role) {
					s.Roles = append(s.Roles, role)
				}
			case "take":
				s.Roles = slices.DeleteFunc(s.Roles, func(r handrail.Role) bool { return r == role })
			case "out":
				s.Active, s.Address = false, handrail.Address{}
			case "in":
				s.Active = true
			}
			return nil
		})
		if sentence, ok := handrail.Sentence(err); ok && handrail.IsKind(err, handrail.KindInvalid) {
			return sentence, nil // the last administrator
		}
		return "", err
	})
	if refused != "" {
		t.Say(bot.Para(refused))
		return nil
	}
	t.Say(t.Words("staff.done."+what, "name", m.Name, "role", t.Line("role."+string(orRole(role)))))
	return nil
}

// orRole is a role to name where a change had none.
func orRole(r handrail.Role) handrail.Role {
	if r == "" {
		return handrail.RoleGP
	}
	return r
}

// joinStaff is a member of staff opening their one-time link. The administrators hear of it.
func (k *kit) joinStaff(t *bot.Talk, code string) error {
	practice, from, now := t.Who().Practice, t.From(), t.Now()
	name, ok := openLink(t, "staff", func(ctx context.Context) (handrail.InviteOutcome, string, error) {
		outcome, s, err := k.Records.TryStaffInvite(ctx, practice, code, from)
		if err != nil || outcome != handrail.InviteOK {
			return outcome, "", err
		}
		admins, err := k.Records.StaffWith(ctx, practice, handrail.RoleAdministrator)
		if err != nil {
			return "", "", err
		}
		admins = slices.DeleteFunc(admins, func(a handrail.Staff) bool { return a.Address.IsZero() || a.ID == s.ID })
		m := bot.Message{Text: k.words("staff.joined", "name", s.Name)}
		return outcome, s.Name, k.tell(ctx, admins, "staffjoin:"+string(s.ID)+":"+stamp(now), bot.ClassNotice, "", now, m)
	})
	if ok {
		t.Say(t.Words("staff.welcome", "name", name))
	}
	return nil
}
