using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Automation.Server.Pages.Flows;

/// <summary>The ways to begin a flow.</summary>
public sealed class NewFlowModel : PageModel;
