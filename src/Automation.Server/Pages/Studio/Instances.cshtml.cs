using Automation.Server.Studio;

namespace Automation.Server.Pages.Studio;

/// <summary>The designer's list of runs, test runs included.</summary>
public sealed class InstancesModel : StudioPageModel;
