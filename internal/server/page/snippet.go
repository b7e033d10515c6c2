package page

import "net/url"

// Badge is the path of the badge with the platforms of the image.
func (v View) Badge() string {
	return (&url.URL{Path: "/badge/" + v.Image + ".svg"}).EscapedPath()
}

// BadgeOfMachine is the path of the badge that says whether the image has the
// platform that is answered for.
func (v View) BadgeOfMachine() string {
	return v.Badge() + "?" + readable(url.Values{"has": {v.Machine()}}.Encode())
}

// Markdown is a badge for a README, which leads to the page.
func (v View) Markdown(alt, badge string) string {
	return "[![" + alt + "](" + v.Base + badge + ")](" + v.Base + v.link("") + ")"
}

// API is the URL of the same answer as JSON.
func (v View) API() string {
	return v.Base + (&url.URL{Path: "/v1/images/" + v.Image}).EscapedPath()
}

// Pull is the command that pulls the answer, whatever its tag will name later.
func (v View) Pull() string {
	return "docker pull --platform " + v.Result.Answer.PlatformText + " " + v.Result.Answer.Reference
}
