using Automation.Marketing.Journeys.Reports;

namespace Automation.Server.Pages.Flows;

/// <summary>A flow's drawing with what is to be said about its steps.</summary>
/// <param name="Marks">By the id of the step.</param>
/// <param name="Taken">Lines that stand out; null: none does and none is pale.</param>
internal sealed record MapView(FlowMap Map, IReadOnlyDictionary<string, StepMark> Marks, IReadOnlySet<MapLine>? Taken = null);

/// <param name="Look"><c>done</c>, <c>here</c>, <c>ahead</c>, <c>bad</c>, <c>odd</c>; empty: as always.</param>
/// <param name="Note">Short: it has one line.</param>
/// <param name="Link">Where the step leads; null: nowhere.</param>
internal sealed record StepMark(string Look, string Note, string? Link = null);
