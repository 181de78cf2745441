using Automation.Marketing.Deals;

namespace Automation.Server.Pages.Deals;

/// <summary>The fields of a hand-back, as a form shows them.</summary>
/// <param name="FormId">Of the form they stand in.</param>
/// <param name="PreviewAddress">Tells what the choices made so far would lead to.</param>
public sealed record HandBackFields(
    string FormId, string PreviewAddress, HandBackReason? Reason, RevisitChoice? When, DateOnly? RevisitOn, string? Note, HandBackPreview? Preview);
