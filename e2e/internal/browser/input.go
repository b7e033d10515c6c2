//go:build e2e

package browser

import (
	"net/http"
	"testing"
)

// Keys of WebDriver (section "Keyboard actions").
const (
	Tab       = '\uE004'
	Enter     = '\uE007'
	Shift     = '\uE008'
	Control   = '\uE009'
	ArrowDown = '\uE015'
)

// elementKey is the name of the field with an element's id, as WebDriver defines it.
const elementKey = "element-6066-11e4-a52e-4f735466cecf"

// element returns the path of an element, which must exist.
func (b *Browser) element(t *testing.T, selector string) string {
	t.Helper()
	var found map[string]string
	b.send(t, http.MethodPost, "/element", map[string]string{"using": "css selector", "value": selector}, &found)
	return "/element/" + found[elementKey]
}

// Click clicks an element, which must be visible.
func (b *Browser) Click(t *testing.T, selector string) {
	t.Helper()
	b.send(t, http.MethodPost, b.element(t, selector)+"/click", struct{}{}, nil)
}

// Fill replaces the text of a field.
func (b *Browser) Fill(t *testing.T, selector, text string) {
	t.Helper()
	path := b.element(t, selector)
	b.send(t, http.MethodPost, path+"/clear", struct{}{}, nil)
	b.send(t, http.MethodPost, path+"/value", map[string]string{"text": text}, nil)
}

// Press presses keys one after another, wherever the focus is.
func (b *Browser) Press(t *testing.T, keys string) {
	t.Helper()
	var actions []map[string]string
	for _, key := range keys {
		actions = append(actions, map[string]string{"type": "keyDown", "value": string(key)}, map[string]string{"type": "keyUp", "value": string(key)})
	}
	b.act(t, actions)
}

// Hold presses a key while another one is held.
func (b *Browser) Hold(t *testing.T, held, key rune) {
	t.Helper()
	b.act(t, []map[string]string{
		{"type": "keyDown", "value": string(held)},
		{"type": "keyDown", "value": string(key)},
		{"type": "keyUp", "value": string(key)},
		{"type": "keyUp", "value": string(held)},
	})
}

func (b *Browser) act(t *testing.T, actions []map[string]string) {
	t.Helper()
	b.send(t, http.MethodPost, "/actions", map[string]any{"actions": []any{map[string]any{"type": "key", "id": "keyboard", "actions": actions}}}, nil)
}
