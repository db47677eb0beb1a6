package telegram_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"handrail/bot"
	"handrail/bot/bottest/rig"
	"handrail/bot/telegram"
)

// envPeer is a folder in which "npm install telegram-test-api" was run.
const envPeer = "HANDRAIL_TEST_TELEGRAM_PEER"

// script is a person at that server: writes, waits for the answer, presses its button, waits again.
const script = `
const Server = require(process.argv[2] + '/node_modules/telegram-test-api');
(async () => {
  const server = new Server({ host: '127.0.0.1', port: Number(process.argv[3]) });
  await server.start();
  console.log('ready');
  const ann = server.getClient(process.argv[4], { userId: 1001, chatId: 1001, timeout: 10000 });
  await ann.sendMessage(ann.makeMessage('hello <b> & co'));
  const first = (await ann.getUpdates()).result[0].message;
  console.log('said ' + JSON.stringify([first.text, first.parse_mode, first.chat_id]));
  const keys = typeof first.reply_markup === 'string' ? JSON.parse(first.reply_markup) : first.reply_markup;
  await ann.sendCallback(ann.makeCallbackQuery(keys.inline_keyboard[0][0].callback_data, { message: { message_id: 5 } }));
  console.log('said ' + JSON.stringify([(await ann.getUpdates()).result[0].message.text]));
  await server.stop();
})().catch((e) => { console.log('wrong ' + e.message); process.exit(1); });
`

// A server that nobody here wrote understands the channel. It holds no poll open, knows no offset, no limits and no
// faults, and misses half of the methods: it is a check of the other one's simplest ways, not a substitute.
func TestPeer(t *testing.T) {
	dir := os.Getenv(envPeer)
	if dir == "" {
		t.Skip("set " + envPeer + " to a folder in which `npm install telegram-test-api` was run")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node here")
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	l.Close()
	file := filepath.Join(t.TempDir(), "peer.js")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	const token = "123456:PEER"
	cmd := exec.CommandContext(t.Context(), node, file, dir, strconv.Itoa(port), token)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "ready" {
		t.Fatalf("the peer said %q", lines.Text())
	}
	w := &world{t: t, log: &rig.Log{}}
	w.channel, err = telegram.New(telegram.Options{Token: rig.Secret(token), APIURL: fmt.Sprintf("http://127.0.0.1:%d", port), Practice: practice, Clock: rig.Hurried{}, Profiles: []telegram.Profile{}})
	if err != nil {
		t.Fatal(err)
	}
	w.run(answering{w})
	var said []string
	for lines.Scan() {
		said = append(said, lines.Text())
	}
	want := []string{`said ["you said: hello &lt;b&gt; &amp; co","HTML",1001]`, `said ["you pressed q~1"]`}
	if strings.Join(said, "\n") != strings.Join(want, "\n") {
		t.Errorf("the peer heard\n%s\nwant\n%s\n%s", strings.Join(said, "\n"), strings.Join(want, "\n"), w.log)
	}
}

// answering answers at once.
type answering struct{ w *world }

func (a answering) Deliver(ctx context.Context, u bot.Update) error {
	m := bot.Message{Text: bot.Para("you said: " + u.Text), Options: []bot.Option{{Label: "Yes", Payload: "q~1"}}}
	if u.Kind == bot.UpdatePress {
		m = bot.Message{Text: bot.Para("you pressed " + u.Choice)}
	}
	_, err := a.w.channel.Send(ctx, u.From, m)
	return err
}
