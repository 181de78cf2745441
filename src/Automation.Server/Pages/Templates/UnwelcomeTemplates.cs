using Automation.Marketing.Campaigns;

namespace Automation.Server.Pages.Templates;

/// <summary>Templates about to be used again although they were not welcome, and the question whether to do so.</summary>
/// <param name="Form">The form that the answer belongs to; null: the one around it.</param>
/// <param name="Asks">False: it is settled already, and only told.</param>
public sealed record UnwelcomeTemplates(IReadOnlyList<WelcomeScore> Scores, string? Form = null, bool Asks = true);
