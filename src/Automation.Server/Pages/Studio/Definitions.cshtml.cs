using Automation.Server.Studio;

namespace Automation.Server.Pages.Studio;

/// <summary>The designer's list of flows, drafts included.</summary>
public sealed class DefinitionsModel : StudioPageModel;
