using System.Globalization;
using System.Runtime.CompilerServices;
using Automation.Templates.Functions;
using Automation.Templates.Parsing;
using Automation.Templates.Rendering;
using Automation.Templates.Syntax;

namespace Automation.Templates;

/// <summary>One render: its model, what the template has assigned and what is left of its limits. Not thread-safe; cheap to make.</summary>
/// <remarks>Plain assignments stay in the context; the model given is not changed, unless a template assigns to a member of one of its objects.</remarks>
public sealed class TemplateContext
{
    // Deeper calls than this are refused whatever the options say: the stack is known to bear this many.
    private const int DeepestCall = 400;

    private const int FirstCheck = 64;

    private TemplateObject _model;
    private bool _ownsModel;
    private readonly CancellationToken _cancellation;
    private readonly long _startedAt;
    private readonly long _writeLimit;
    private List<TemplateObject>? _pushed;          // objects of open `with` blocks
    private LoopBinding[]? _loopBindings;
    private int _loopBindingCount;
    private int _callDepth;
    private int _loopDepth;
    private long _loopTurns;
    private long _steps;
    private long _nextCheck = FirstCheck;
    private long _written;
    private bool _isCut;
    private object?[]? _arguments;
    private int _argumentTop;
    private Dictionary<string, Template>? _partials;
    private TemplateObject? _builtins;

    public TemplateContext(TemplateObject model, TemplateOptions? options = null, CancellationToken cancellation = default)
    {
        _model = model;
        Options = options ?? TemplateOptions.Scriban;
        _cancellation = cancellation;
        _writeLimit = WriteLimitOf(Options);
        if (Options.RenderTimeout > TimeSpan.Zero) _startedAt = Options.Clock.GetTimestamp();
    }

    /// <summary>
    /// Makes ready for another render with the same model, for templates that assign nothing: their limits are whole again,
    /// all but that on time, which is for all of them together.
    /// </summary>
    public void Restart()
    {
        if (_loopBindings is not null) Array.Clear(_loopBindings);
        _pushed?.Clear();
        (_loopBindingCount, _callDepth, _loopDepth, _argumentTop) = (0, 0, 0, 0);
        (_loopTurns, _steps, _nextCheck, _written, _isCut) = (0, 0, FirstCheck, 0, false);
        (Loop, OpenLoops, ReturnValue, PendingBlock) = (null, 0, null, null);
        (Locals, Frame, Cycles, DateFormat) = (null, null, null, null);
    }

    public TemplateOptions Options { get; }

    /// <summary>The model with what the template has assigned to it.</summary>
    public TemplateObject Model => _model;

    /// <summary>Characters written so far.</summary>
    public long Written => _written;

    internal CultureInfo Culture => Options.Culture;

    internal RenderOutput Output { get; set; } = default!;

    /// <summary>The <c>$</c> variables of the body that runs; made when first written.</summary>
    internal Scope? Locals { get; set; }

    /// <summary>The parameters of the function that runs, when it declares any.</summary>
    internal Scope? Frame { get; set; }

    internal object? ReturnValue { get; set; }

    /// <summary>Loops open in the body that runs.</summary>
    internal int OpenLoops { get; set; }

    internal LoopState? Loop { get; set; }

    /// <summary>Not null while what is shared of a personal segment is rendered.</summary>
    internal Unrolling? Unrolling { get; set; }

    /// <summary><c>date.format</c> once a template has set it.</summary>
    internal string? DateFormat { get; set; }

    /// <summary>The block of a <c>wrap</c> on its way to the function called.</summary>
    internal WrappedBlock? PendingBlock { get; set; }

    internal WrappedBlock? TakePendingBlock()
    {
        var block = PendingBlock;
        PendingBlock = null;
        return block;
    }

    internal Dictionary<string, int>? Cycles { get; set; }

    internal Scope LocalsForWrite => Locals ??= new Scope();

    /// <summary>The longest text that may be built.</summary>
    internal int LongestText => Options.LimitToString > 0 ? Options.LimitToString : LongestSum;

    internal int LongestSum => Options.OutputLimit > 0 ? Options.OutputLimit : int.MaxValue / 4;

    // ── names ──────────────────────────────────────────────────────────────────────────────────────────────

    internal TemplateObject TopObject => _pushed is { Count: > 0 } ? _pushed[^1] : OwnModel;

    // Many renders may share a model: the first assignment to it makes this render's own, one level deep.
    private TemplateObject OwnModel
    {
        get
        {
            if (_ownsModel) return _model;
            _ownsModel = true;
            return _model = _model.Copy();
        }
    }

    internal bool TryGetGlobal(string name, int hash, out object? value)
    {
        if (Frame is { } frame && frame.TryGet(name, out value)) return true;
        var binding = _loopBindingCount - 1;
        for (var level = _pushed?.Count ?? 0; level >= 0; level--)
        {
            for (; binding >= 0 && _loopBindings![binding].Level == level; binding--)
            {
                ref var candidate = ref _loopBindings[binding];
                if (ReferenceEquals(candidate.Name, name) || candidate.Name == name)
                {
                    value = candidate.Value;
                    return true;
                }
            }
            var owner = level == 0 ? _model : _pushed![level - 1];
            if (owner.TryGet(name, hash, out value)) return true;
        }
        return (_builtins ?? Builtins.Shared).TryGet(name, hash, out value)
               || (Options.HasRaw && MailFunctions.TryGet(name, out value));
    }

    /// <returns>False when the name is read-only.</returns>
    internal bool SetGlobal(string name, int hash, object? value, bool isCompound)
    {
        if (Frame is { } frame && (!isCompound || frame.TryGet(name, out _)))
        {
            frame.Set(name, value);
            return true;
        }
        for (var i = _loopBindingCount - 1; i >= 0 && _loopBindings![i].Level == (_pushed?.Count ?? 0); i--)
        {
            if (_loopBindings[i].Name != name) continue;
            _loopBindings[i].Value = value;
            return true;
        }
        return TopObject.SetHashed(name, hash, value);
    }

    internal void PushObject(TemplateObject value)
    {
        CheckDepthOfScopes();
        (_pushed ??= []).Add(value);
    }

    internal void PopObject() => _pushed!.RemoveAt(_pushed.Count - 1);

    internal int BindLoop(string name)
    {
        _loopBindings ??= new LoopBinding[4];
        if (_loopBindingCount == _loopBindings.Length) Array.Resize(ref _loopBindings, _loopBindingCount * 2);
        _loopBindings[_loopBindingCount] = new LoopBinding { Name = name, Level = _pushed?.Count ?? 0 };
        return _loopBindingCount++;
    }

    /// <summary>The variables of the loops that are open, outermost first.</summary>
    internal (string Name, object? Value)[] CopyOfLoops()
    {
        var loops = new (string, object?)[_loopBindingCount];
        for (var i = 0; i < loops.Length; i++) loops[i] = (_loopBindings![i].Name, _loopBindings[i].Value);
        return loops;
    }

    /// <summary>Puts a render into the midst of loops that another one had open.</summary>
    internal void Enter(OpenPlace place)
    {
        foreach (var (name, value) in place.Loops) SetLoop(BindLoop(name), value);
        Loop = place.Loop;
    }

    internal void SetLoop(int binding, object? value) => _loopBindings![binding].Value = value;

    internal void UnbindLoop(int binding)
    {
        _loopBindings![binding] = default;
        _loopBindingCount = binding;
    }

    /// <summary>An object a template may write to: one shared between renders is copied into this render first.</summary>
    internal TemplateObject Writable(TemplateObject target)
    {
        if (!target.IsShared) return target;
        _builtins ??= Builtins.Shared.Copy();
        for (var i = 0; i < _builtins.Count; i++)
        {
            if (!ReferenceEquals(_builtins.ValueAt(i), target)) continue;
            var copy = target.Copy();
            _builtins.Set(_builtins.NameAt(i), copy);
            return copy;
        }
        return target.Copy();
    }

    // ── output ─────────────────────────────────────────────────────────────────────────────────────────────

    internal void WriteValue(object? value, Span at)
    {
        if (Options.EscapeHtml) Printer.WriteEscaped(this, value, at);
        else Printer.Write(this, Output, value, at);
    }

    /// <summary>Runs <paramref name="body"/> against a buffer of its own and gives back what it wrote.</summary>
    internal string Capture(Action body)
    {
        var outer = Output;
        var inner = RenderOutput.Rent(sink: null, budget: this);
        Output = inner;
        try
        {
            body();
            ChargeText(inner.Length, default);
            return inner.ToString();
        }
        finally
        {
            Output = outer;
            inner.Dispose();
        }
    }

    /// <summary>Text that a template wrote, as a value: in an HTML part it is escaped already.</summary>
    internal object AsWrittenValue(string text) => Options.EscapeHtml ? new SafeText(text) : text;

    internal ReadOnlySpan<char> SpendOutput(ReadOnlySpan<char> text)
    {
        var before = _written;
        _written = before + text.Length;
        return _written <= _writeLimit ? text : Overspend(text, before);
    }

    private ReadOnlySpan<char> Overspend(ReadOnlySpan<char> text, long before)
    {
        if (Options.LimitToString == 0 || (Options.OutputLimit > 0 && Options.OutputLimit < Options.LimitToString))
        {
            throw Final($"The output exceeds the limit of `{Options.OutputLimit}` characters.");
        }
        if (_isCut) return default;
        _isCut = true;
        var fits = (int)Math.Max(0, Options.LimitToString - before);
        return string.Concat(text[..Math.Min(fits, text.Length)], "...");
    }

    private static long WriteLimitOf(TemplateOptions options)
    {
        var cut = options.LimitToString > 0 ? options.LimitToString : long.MaxValue;
        return options.OutputLimit > 0 ? Math.Min(cut, options.OutputLimit) : cut;
    }

    // ── limits ─────────────────────────────────────────────────────────────────────────────────────────────

    /// <summary>Counts work; now and then looks at the clock and the cancellation.</summary>
    internal void Charge(long steps, Span at = default)
    {
        _steps += steps;
        if (_steps >= _nextCheck) CheckBudget(at);
    }

    /// <summary>Counts text that was built, so that the memory for it is bounded too.</summary>
    internal void ChargeText(long length, Span at) => Charge(length >> 6, at);

    private void CheckBudget(Span at)
    {
        _nextCheck = _steps + 256;
        LastPlace = at.Source is null ? LastPlace : at;
        if (Options.StepLimit > 0 && _steps > Options.StepLimit) throw Final($"Exceeding the limit of `{Options.StepLimit}` steps.");
        _cancellation.ThrowIfCancellationRequested();
        if (Options.RenderTimeout > TimeSpan.Zero && Options.Clock.GetElapsedTime(_startedAt) > Options.RenderTimeout)
        {
            throw Final($"Rendering took longer than `{Options.RenderTimeout}`.");
        }
    }

    /// <summary>The statement that ran last, for errors that belong to no single place.</summary>
    internal Span LastPlace { get; set; }

    internal RenderFailure Final(string message) =>
        new(LastPlace.Source is { } source ? source.MessageAt(LastPlace.Start, message) : new TemplateMessage("<input>", 0, 0, message), isFinal: true);

    internal void EnterLoop()
    {
        if (_loopDepth++ == 0) _loopTurns = 0;
    }

    internal void LeaveLoop() => _loopDepth--;

    internal void CountTurn(Span at)
    {
        if (++_loopTurns > Options.LoopLimit && Options.LoopLimit > 0)
        {
            throw new RenderFailure(at, $"Exceeding number of iteration limit `{Options.LoopLimit}` for loop statement.");
        }
        Charge(1, at);
    }

    internal void CountInternalTurn(Span at, long turns = 1)
    {
        _loopTurns += turns;
        if (Options.LoopLimit > 0 && _loopTurns > Options.LoopLimit)
        {
            throw new RenderFailure(at, $"Exceeding number of iteration limit `{Options.LoopLimit}` for internal iteration.");
        }
        Charge(turns, at);
    }

    /// <summary>Counts the turns of a step that happens at once.</summary>
    internal void CountInternalBatch(Span at, long turns)
    {
        EnterLoop();
        try
        {
            CountInternalTurn(at, turns);
        }
        finally
        {
            LeaveLoop();
        }
    }

    internal void EnterCall(Node site)
    {
        Charge(1, site.At);
        var limit = Options.RecursiveLimit > 0 ? Math.Min(Options.RecursiveLimit, DeepestCall) : DeepestCall;
        // What the options allow, the stack must bear as well: bodies may nest deeply between two calls.
        if (++_callDepth <= limit && RuntimeHelpers.TryEnsureSufficientExecutionStack()) return;
        _callDepth--;
        throw new RenderFailure(site.At, $"Exceeding number of recursive depth limit `{limit}` for node: `{site.At.Text}`");
    }

    internal void LeaveCall() => _callDepth--;

    /// <summary>Guards the comparison of lists in lists, which may hold themselves.</summary>
    internal void EnterCompare(Span at)
    {
        Charge(1, at);
        if (++_callDepth <= DeepestCall) return;
        _callDepth--;
        throw new RenderFailure(at, "Structure is too deeply nested or contains reference loops.");
    }

    internal FunctionEntry EnterFunction(Node site)
    {
        EnterCall(site);
        var entry = new FunctionEntry(Locals, Frame, OpenLoops, Loop);
        OpenLoops = 0;
        return entry;
    }

    internal void LeaveFunction(FunctionEntry entry)
    {
        LeaveCall();
        (Locals, Frame, OpenLoops, Loop) = (entry.Locals, entry.Frame, entry.OpenLoops, entry.Loop);
        ReturnValue = null;
    }

    private void CheckDepthOfScopes()
    {
        if (_pushed is { Count: >= DeepestCall }) throw Final($"Exceeding number of recursive depth limit `{DeepestCall}` for nested scopes.");
    }

    // ── calls ──────────────────────────────────────────────────────────────────────────────────────────────

    internal int ArgumentTop => _argumentTop;

    internal void PushArgument(object? value)
    {
        _arguments ??= new object?[8];
        if (_argumentTop == _arguments.Length) Array.Resize(ref _arguments, _argumentTop * 2);
        _arguments[_argumentTop++] = value;
    }

    internal ReadOnlySpan<object?> ArgumentsFrom(int start) => _arguments is null ? default : _arguments.AsSpan(start, _argumentTop - start);

    internal void PopArguments(int start)
    {
        if (_arguments is null) return;
        _arguments.AsSpan(start, _argumentTop - start).Clear();
        _argumentTop = start;
    }

    /// <summary>The partial of that name, parsed once per render.</summary>
    internal Template? PartialOf(string name)
    {
        if (_partials is not null && _partials.TryGetValue(name, out var known)) return known;
        var template = Options.Loader!.LoadTemplate(name, Options.ParseOptions);
        if (template is not null) (_partials ??= new(StringComparer.Ordinal))[name] = template;
        return template;
    }

    /// <summary>Runs the outermost template, turning its first error into <see cref="TemplateException"/>.</summary>
    internal void Run(RenderOutput output, Block body)
    {
        Output = output;
        try
        {
            if (body.Execute(this) == Flow.Return) WriteValue(ReturnValue, body.At);
        }
        catch (RenderFailure failure)
        {
            throw new TemplateException([failure.Place], isParse: false, failure.InnerException);
        }
        finally
        {
            End();
        }
    }

    /// <inheritdoc cref="Run"/>
    internal object? Evaluate(RenderOutput output, Expression expression)
    {
        Output = output;
        try
        {
            return expression.Evaluate(this);
        }
        catch (RenderFailure failure)
        {
            throw new TemplateException([failure.Place], isParse: false, failure.InnerException);
        }
        finally
        {
            End();
        }
    }

    private void End()
    {
        Output = null!;
        Locals = null;
        ReturnValue = null;
    }

    private struct LoopBinding
    {
        public string Name;
        public object? Value;
        public int Level;
    }

    /// <summary>What a call must put back when it ends.</summary>
    internal readonly record struct FunctionEntry(Scope? Locals, Scope? Frame, int OpenLoops, LoopState? Loop);
}
