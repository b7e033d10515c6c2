package plugin

// Data is what templates are rendered with. The names are those of the plugin
// drone-plugins/drone-manifest; all values are text but the tags and the switches.
type Data struct {
	Repo   Repo
	Build  Build
	Job    Job
	Config Config
}

// Repo is the git repository.
type Repo struct{ Owner, Name, Branch string }

// Build is the run of the pipeline.
type Build struct {
	Path, Tag, Event, Number, Commit, Ref, Branch, Author, Pull, Message string
	DeployTo, Status, Link, Started, Created                             string
	Tags                                                                 []string
}

// Job is the step.
type Job struct{ Started string }

// Config is the settings, except for the login.
type Config struct {
	Target, Template, Spec string
	Platforms              []string
	IgnoreMissing, Dump    bool
}

// data reads the variables of Drone and of Woodpecker. Sources: the environment
// references of docs.drone.io and woodpecker-ci.org, and for the CI_BUILD_ names
// Woodpecker before version 1.0. Those of Drone come first: Woodpecker sets them for
// plugins, and users set them by hand in other systems.
func (e Environment) data(s Settings) Data {
	get := func(of ...string) string {
		value, _ := e.first(of...)
		return value
	}
	return Data{
		Repo: Repo{
			Owner:  get("DRONE_REPO_OWNER", "DRONE_REPO_NAMESPACE", "CI_REPO_OWNER"),
			Name:   get("DRONE_REPO_NAME", "CI_REPO_NAME"),
			Branch: get("DRONE_REPO_BRANCH", "CI_REPO_DEFAULT_BRANCH"),
		},
		Build: Build{
			Path:     get("DRONE_WORKSPACE", "CI_WORKSPACE"),
			Tag:      get("DRONE_TAG", "CI_COMMIT_TAG"),
			Event:    get("DRONE_BUILD_EVENT", "CI_PIPELINE_EVENT", "CI_BUILD_EVENT"),
			Number:   get("DRONE_BUILD_NUMBER", "CI_PIPELINE_NUMBER", "CI_BUILD_NUMBER"),
			Commit:   get("DRONE_COMMIT_SHA", "DRONE_COMMIT", "CI_COMMIT_SHA"),
			Ref:      get("DRONE_COMMIT_REF", "CI_COMMIT_REF"),
			Branch:   get("DRONE_COMMIT_BRANCH", "DRONE_BRANCH", "CI_COMMIT_BRANCH"),
			Author:   get("DRONE_COMMIT_AUTHOR", "CI_COMMIT_AUTHOR"),
			Pull:     get("DRONE_PULL_REQUEST", "CI_COMMIT_PULL_REQUEST"),
			Message:  get("DRONE_COMMIT_MESSAGE", "CI_COMMIT_MESSAGE"),
			DeployTo: get("DRONE_DEPLOY_TO", "CI_PIPELINE_DEPLOY_TARGET", "CI_BUILD_DEPLOY_TARGET"),
			Status:   get("DRONE_BUILD_STATUS", "CI_PIPELINE_STATUS", "CI_BUILD_STATUS"),
			Link:     get("DRONE_BUILD_LINK", "CI_PIPELINE_URL", "CI_BUILD_LINK"),
			Started:  get("DRONE_BUILD_STARTED", "CI_PIPELINE_STARTED", "CI_BUILD_STARTED"),
			Created:  get("DRONE_BUILD_CREATED", "CI_PIPELINE_CREATED", "CI_BUILD_CREATED"),
			Tags:     s.Tags,
		},
		Job: Job{Started: get("DRONE_JOB_STARTED", "DRONE_STAGE_STARTED", "CI_STEP_STARTED")},
		Config: Config{
			Target: s.Target, Template: s.Template, Spec: s.Spec, Platforms: s.Platforms, IgnoreMissing: s.IgnoreMissing, Dump: s.Dump,
		},
	}
}

// ref returns the git reference of the build. Without the variable of one it is that
// of the git tag.
func (e Environment) ref() string {
	if ref, _ := e.first("DRONE_COMMIT_REF", "CI_COMMIT_REF"); ref != "" {
		return ref
	}
	if tag, _ := e.first("DRONE_TAG", "CI_COMMIT_TAG"); tag != "" {
		return tagPrefix + tag
	}
	return ""
}
