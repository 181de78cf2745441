using System.Text.Json;
using System.Text.Json.Nodes;
using Automation.Workflows.Activities;
using Automation.Workflows.Definitions;

namespace Automation.Workflows.Runtime;

/// <summary>One execution of one step.</summary>
public sealed class ActivityExecutionContext
{
    internal static readonly string[] Done = ["Done"];
    private static readonly JsonSerializerOptions PayloadOptions = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() },
    };

    private readonly Activity activity;
    private object?[]? inputs;
    private Dictionary<string, object?>? variables;
    private Dictionary<string, object?>? scopeVariables;
    private Dictionary<string, object?>? properties;
    private List<ActivityExecutionContext>? children;
    private string? restoredCallback;
    private ActivityCompletionCallback? callback;
    private bool waits;

    internal ActivityExecutionContext(
        WorkflowExecutionContext workflow, Activity activity, ActivityExecutionContext? parent, int number, DateTimeOffset startedAt)
    {
        (WorkflowExecutionContext, this.activity, ParentContext, Number, StartedAt) = (workflow, activity, parent, number, startedAt);
        Status = ActivityStatus.Running;
    }

    public WorkflowExecutionContext WorkflowExecutionContext { get; }
    public ActivityExecutionContext? ParentContext { get; }
    public Activity Activity => activity;
    public ActivityStatus Status { get; private set; }
    public DateTimeOffset StartedAt { get; }
    public CancellationToken CancellationToken => WorkflowExecutionContext.CancellationToken;

    /// <summary>Id of this execution.</summary>
    public string Id => WorkflowState.ActivityInstanceId(WorkflowExecutionContext.Id, Number);
    public string NodeId => activity.NodeId;
    public DateTimeOffset Now => WorkflowExecutionContext.Now;

    /// <summary>How often this step has been executed in this instance, from 1. Survives suspends: the identity of a message rests on it.</summary>
    public int VisitNumber => WorkflowExecutionContext.VisitsOf(activity);

    /// <summary>Faults in this step and below.</summary>
    public int FaultCount { get; internal set; }

    /// <summary>What an owner gave along when it scheduled this step.</summary>
    public object? Tag { get; internal set; }

    /// <summary>Written to the journal when the step is done.</summary>
    public JsonObject JournalData => journalData ??= [];
    private JsonObject? journalData;

    /// <summary>Everything given to the workflow: at its start, and with each resume.</summary>
    public IReadOnlyDictionary<string, object?> WorkflowInput => WorkflowExecutionContext.Input;

    /// <summary>Only what was given with the start or resume that this burst follows from: empty when a due time woke the instance.</summary>
    public IReadOnlyDictionary<string, object?> BurstInput => WorkflowExecutionContext.BurstInput;

    internal int Number { get; }
    internal int QueuedChildren { get; set; }
    internal bool IsBreaking { get; set; }
    internal bool IsEnding { get; set; }
    internal FlowScope? Flow { get; set; }
    internal List<ActivityExecutionContext> Children => children ??= new(4);
    internal bool HasWorkBelow => QueuedChildren > 0 || children is { Count: > 0 };
    internal IReadOnlyList<string>? PendingOutcomes { get; set; }
    internal ActivityCompletionCallback? Callback { get => callback ??= RestoredCallback(); set => callback = value; }

    public T GetRequiredService<T>() where T : notnull => (T)(WorkflowExecutionContext.Services.GetService(typeof(T))
        ?? throw new InvalidOperationException($"No service of type {typeof(T)} was registered."));

    public T? GetService<T>() where T : class => WorkflowExecutionContext.Services.GetService(typeof(T)) as T;

    public T? Get<T>(Input<T>? input) => input.GetOrDefault(this);

    /// <exception cref="FormatException">The input is there and is no <typeparamref name="T"/>.</exception>
    public T GetWorkflowInput<T>(string name) => (T)ValueConverter.Convert(InputNamed(name), typeof(T))!;

    /// <summary>An input as seen from here: of the enclosing workflow-as-activity, else of the instance; null when there is none.</summary>
    public object? InputNamed(string name)
    {
        for (var context = ParentContext; context is not null; context = context.ParentContext)
            if (context.activity is WorkflowActivity inner && inner.TryInput(context, name, out var given)) return given;
        return WorkflowExecutionContext.Input.TryGetValue(name, out var value) ? value : WorkflowExecutionContext.Graph.Workflow.DefaultOf(name);
    }

    /// <summary>Whether this step started the instance as its trigger; it then must not wait.</summary>
    public bool IsTriggerOfWorkflow() => WorkflowExecutionContext.TriggerActivity == activity && VisitNumber == 1;

    public void CreateBookmark(object? payload, Func<ActivityExecutionContext, ValueTask> callback) =>
        CreateBookmark(new CreateBookmarkArgs { Payload = payload, Callback = callback });

    public void CreateBookmark(object? payload) => CreateBookmark(new CreateBookmarkArgs { Payload = payload });

    public Bookmark CreateBookmark(CreateBookmarkArgs args)
    {
        var name = args.BookmarkName ?? activity.Type;
        var number = WorkflowExecutionContext.NextNumber();
        var bookmark = new Bookmark(
            WorkflowState.BookmarkId(WorkflowExecutionContext.Id, number), name,
            StimulusHash.Compute(name, args.Payload, args.IncludeActivityInstanceId ? Id : null), PayloadJson(args.Payload),
            activity.Id, activity.NodeId, Id, Now, args.AutoBurn, args.AutoComplete,
            args.Callback is { } method ? CallbackNames.Of(method, activity) : null, args.DueAt)
        {
            Number = number,
            ContextNumber = Number,
        };
        WorkflowExecutionContext.AddBookmark(bookmark);
        waits = true;
        return bookmark;
    }

    public void ScheduleActivity(Activity child, ActivityCompletionCallback? completed = null, object? tag = null, IReadOnlyDictionary<string, object?>? variables = null) =>
        WorkflowExecutionContext.Schedule(new WorkItem(child, this, completed, tag, variables is null ? null : new(variables)));

    public ValueTask ScheduleActivityAsync(IActivity? child, ActivityCompletionCallback? completed = null, object? tag = null, IReadOnlyDictionary<string, object?>? variables = null)
    {
        if (child is not null)
        {
            ScheduleActivity((Activity)child, completed, tag, variables);
            return default;
        }
        return completed is null ? default : completed(new ActivityCompletedContext(this, this, Done));
    }

    public ValueTask CompleteActivityAsync() => CompleteAsync(Done, named: false);

    public ValueTask CompleteActivityWithOutcomesAsync(params string[] outcomes) => CompleteAsync(outcomes, named: true);

    internal ValueTask CompleteUnlessWaitingAsync() => waits || Status != ActivityStatus.Running ? default : CompleteActivityAsync();

    private async ValueTask CompleteAsync(IReadOnlyList<string> outcomes, bool named)
    {
        if (Status != ActivityStatus.Running) return;
        var workflow = WorkflowExecutionContext;
        workflow.EndedAt ??= workflow.Now;
        IsEnding = true;
        if (children is { Count: > 0 }) await CancelChildrenAsync();
        if (PendingOutcomes is { } own) (outcomes, named) = (own, true);
        Status = ActivityStatus.Completed;
        workflow.Log(this, "Completed", named ? string.Join(',', outcomes) : null, journalData);
        if (ParentContext is null) workflow.KeepRootVariables(this);
        workflow.RemoveBookmarksOf(this);
        workflow.Remove(this);
        if (workflow.Abandoned || ParentContext is not { Status: ActivityStatus.Running } owner || Callback is not { } completed) return;
        await completed(new ActivityCompletedContext(owner, this, outcomes));
    }

    internal async ValueTask CancelAsync()
    {
        if (Status is not (ActivityStatus.Running or ActivityStatus.Faulted)) return;
        IsEnding = true;
        if (children is { Count: > 0 }) await CancelChildrenAsync();
        Status = ActivityStatus.Canceled;
        WorkflowExecutionContext.RemoveBookmarksOf(this);
        WorkflowExecutionContext.Remove(this);
        WorkflowExecutionContext.Log(this, "Canceled");
        if (ParentContext is { Status: ActivityStatus.Running, IsEnding: false } owner) await owner.activity.OnChildCanceledAsync(owner, this);
    }

    private async ValueTask CancelChildrenAsync()
    {
        foreach (var child in children!.ToArray())
            if (child.Status == ActivityStatus.Running) await child.CancelAsync();
    }

    /// <summary>Forgets this step and all below it without a word in the journal; for what is left over behind a finished owner.</summary>
    internal void Discard()
    {
        Status = ActivityStatus.Canceled;
        WorkflowExecutionContext.RemoveBookmarksOf(this);
        foreach (var child in Children.ToArray()) child.Discard();
        WorkflowExecutionContext.Remove(this);
    }

    internal void Fault()
    {
        if (Status is ActivityStatus.Completed or ActivityStatus.Canceled) WorkflowExecutionContext.Add(this);
        Status = ActivityStatus.Faulted;
        for (var context = this; context is not null; context = context.ParentContext) context.FaultCount++;
    }

    // ---- values ----

    internal async ValueTask EvaluateInputsAsync()
    {
        inputs = null;
        if (activity.DynamicInputs == 0) return;
        foreach (var input in activity.Inputs)
            if (input is { Slot: >= 0, AutoEvaluate: true }) (inputs ??= NewSlots())[input.Slot] = await EvaluateAsync(input);
    }

    private object?[] NewSlots()
    {
        var slots = new object?[activity.DynamicInputs];
        Array.Fill(slots, Unset);
        return slots;
    }

    private static readonly object Unset = new();

    internal object? InputValue(Input input)
    {
        if (input.IsConstant) return input.ConstantValue();
        if (input.Expression is null) return null;
        inputs ??= NewSlots();
        // After a suspend an input is evaluated again when it is asked for; every handler of ours answers at once.
        if (inputs[input.Slot] == Unset) inputs[input.Slot] = EvaluateAsync(input).AsTask().GetAwaiter().GetResult();
        return inputs[input.Slot];
    }

    internal async ValueTask<object?> EvaluateAsync(Input input)
    {
        if (input.IsConstant) return input.ConstantValue();
        if (input.Expression is not { } expression) return null;
        var value = await EvaluateAsync(expression, input.Type);
        try
        {
            return ValueConverter.Convert(value, input.Type);
        }
        catch (FormatException broken)
        {
            throw new InputException(input.Name, broken.Message);
        }
    }

    /// <summary>Evaluates an input now, also one that is not evaluated by itself.</summary>
    public async ValueTask<T?> EvaluateAsync<T>(Input<T>? input) =>
        input is not null && await EvaluateAsync((Input)input) is T value ? value : default;

    /// <summary>The raw value of an expression.</summary>
    public ValueTask<object?> EvaluateAsync(Expression expression, Type target) =>
        ConstantExpressions.TryRead(expression, target, out var constant)
            ? new(constant)
            : WorkflowExecutionContext.Runner.HandlerOf(expression.Type).EvaluateAsync(expression, target, this);

    /// <summary>Gives a value out: to the variable or workflow output it is bound to, and to whoever looks back.</summary>
    public void Set<T>(Output<T>? output, T value) => SetOutput(output?.Name ?? "Result", output, value);

    internal void SetOutput(string name, Output? output, object? value)
    {
        WorkflowExecutionContext.RecordOutput(this, name, value);
        if (output?.TargetId is not { } target) return;
        if (FindById(target) is { } found) found.Set(value);
        else SetWorkflowOutput(target, value, onlyDeclared: true);
    }

    /// <summary>Sets an output of the nearest enclosing workflow that declares it, else of the instance.</summary>
    internal void SetWorkflowOutput(string name, object? value, bool onlyDeclared = false)
    {
        for (var context = ParentContext; context is not null; context = context.ParentContext)
        {
            if (context.activity is not WorkflowActivity inner || !inner.Declares(name)) continue;
            context.SetOutput(inner.OutputName(name), inner.Outputs.GetValueOrDefault(inner.OutputName(name)), value);
            return;
        }
        if (!onlyDeclared || Definition.Outputs.Any(output => output.Name == name)) WorkflowExecutionContext.Output[name] = value;
    }

    private WorkflowDefinition Definition => WorkflowExecutionContext.Definition;

    // ---- variables ----

    /// <summary>The value of the nearest variable of that name; null when there is none.</summary>
    public object? GetVariable(string name) => TryGetVariable(name, out var value) ? value : null;

    public bool TryGetVariable(string name, out object? value)
    {
        var found = FindByName(name);
        value = found?.Get();
        return found is not null;
    }

    /// <summary>Sets the nearest variable of that name, or makes one in the workflow's scope.</summary>
    public void SetVariable(string name, object? value)
    {
        if (FindByName(name) is { } found) found.Set(value);
        else (WorkflowExecutionContext.Root ?? this).SetScopeVariable(name, value);
    }

    /// <exception cref="InvalidOperationException">No variable with that id is visible from here.</exception>
    internal void SetVariable(Variable variable, object? value) => Required(variable).Set(value);

    /// <inheritdoc cref="SetVariable(Variable, object?)"/>
    internal object? VariableOf(Variable variable) => Required(variable).Get();

    private VariableSlot Required(Variable variable) =>
        FindById(variable.Id) ?? throw new InvalidOperationException($"Variable '{variable.Name}' does not exist here.");

    /// <summary>Names of the variables visible from here, inner ones first; a hidden outer one is not repeated.</summary>
    public IEnumerable<string> VisibleVariables()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var context = this; context is not null; context = context.ParentContext)
        {
            foreach (var variable in context.activity.Variables)
                if (seen.Add(variable.Name)) yield return variable.Name;
            if (context.scopeVariables is not { } scope) continue;
            foreach (var name in scope.Keys)
                if (seen.Add(name)) yield return name;
        }
    }

    internal VariableSlot? FindByName(string name) => Find((context, key) =>
    {
        foreach (var variable in context.activity.Variables)
            if (variable.Name == key) return new VariableSlot(context, variable, key);
        return context.scopeVariables?.ContainsKey(key) == true ? new VariableSlot(context, null, key) : null;
    }, name);

    internal VariableSlot? FindById(string id) => Find((context, key) =>
    {
        foreach (var variable in context.activity.Variables)
            if (variable.Id == key) return new VariableSlot(context, variable, key);
        return context.scopeVariables?.ContainsKey(key) == true ? new VariableSlot(context, null, key) : null;
    }, id);

    private VariableSlot? Find(Func<ActivityExecutionContext, string, VariableSlot?> look, string key)
    {
        for (var context = this; context is not null; context = context.ParentContext)
            if (look(context, key) is { } slot) return slot;
        return null;
    }

    internal void SetScopeVariables(Dictionary<string, object?> scope) => scopeVariables = scope;

    internal void SetScopeVariable(string name, object? value) => (scopeVariables ??= [])[name] = value;

    /// <summary>A variable in the scope that owns it.</summary>
    internal readonly record struct VariableSlot(ActivityExecutionContext Owner, VariableDefinition? Declared, string Name)
    {
        public object? Get()
        {
            if (Declared is null) return Owner.scopeVariables!.GetValueOrDefault(Name);
            if (Owner.variables is { } values && values.TryGetValue(Declared.Id, out var value)) return value;
            return Owner.activity.DefaultOf(Declared);
        }

        public void Set(object? value)
        {
            if (Declared is null)
            {
                Owner.scopeVariables![Name] = value;
                return;
            }
            try
            {
                (Owner.variables ??= [])[Declared.Id] = ValueConverter.Convert(value, Declared.Type);
            }
            catch (FormatException broken)
            {
                throw new InputException(Declared.Name, broken.Message);
            }
        }
    }

    internal Dictionary<string, object?> NamedVariables()
    {
        var named = new Dictionary<string, object?>(activity.Variables.Count, StringComparer.Ordinal);
        // Of two with one name the first is the one that steps see.
        foreach (var variable in activity.Variables) named.TryAdd(variable.Name, new VariableSlot(this, variable, variable.Name).Get());
        return named;
    }

    // ---- values of the step itself, kept over suspends ----

    public T? GetProperty<T>(string name) => properties is not null && properties.TryGetValue(name, out var value)
        ? (T?)ValueConverter.Convert(value, typeof(T)) : default;

    public void SetProperty(string name, object? value) => (properties ??= [])[name] = value;

    // ---- state ----

    internal ActivityState Leave()
    {
        Dictionary<string, object?>? kept = null;
        if (variables is not null)
        {
            foreach (var variable in activity.Variables)
            {
                if (!variables.TryGetValue(variable.Id, out var value)) continue;
                if (variable.Storage == VariableStorage.Instance) (kept ??= [])[variable.Id] = value;
                else if (variable.Storage == VariableStorage.Memory) (WorkflowExecutionContext.Memory ??= [])[MemoryKey(variable)] = value;
            }
        }
        return new ActivityState(Number, ParentContext?.Number ?? 0, activity.NodeId, Status, StartedAt)
        {
            FaultCount = FaultCount,
            Callback = callback is { } method && ParentContext is { } owner ? CallbackNames.Of(method, owner.activity) : restoredCallback,
            Tag = Tag,
            Variables = kept,
            ScopeVariables = scopeVariables is null ? null : new(scopeVariables),
            Properties = WithFlags(),
            Flow = Flow?.Save(),
        };
    }

    private Dictionary<string, object?>? WithFlags()
    {
        if (!IsBreaking) return properties is null ? null : new(properties);
        return new(properties ?? []) { [BreakingFlag] = true };
    }

    private const string BreakingFlag = "$breaking";

    private string MemoryKey(VariableDefinition variable) => $"{Number}:{variable.Id}";

    internal void Restore(ActivityState saved)
    {
        (Status, FaultCount, Tag, restoredCallback) = (saved.Status, saved.FaultCount, saved.Tag, saved.Callback);
        scopeVariables = saved.ScopeVariables is null ? null : new(saved.ScopeVariables);
        properties = saved.Properties is null ? null : new(saved.Properties);
        IsBreaking = properties?.Remove(BreakingFlag) ?? false;
        RestoreVariables(saved.Variables);
        if (saved.Flow is { } flow && activity is Flowchart flowchart) Flow = flowchart.RestoreScope(flow);
    }

    private void RestoreVariables(Dictionary<string, object?>? saved)
    {
        foreach (var variable in activity.Variables)
        {
            object? value = null;
            var known = variable.Storage switch
            {
                VariableStorage.Instance => saved?.TryGetValue(variable.Id, out value) == true,
                VariableStorage.Memory => WorkflowExecutionContext.Memory?.TryGetValue(MemoryKey(variable), out value) == true,
                _ => true,   // without storage it reads as null after a suspend, its default included
            };
            if (known) (variables ??= [])[variable.Id] = ValueConverter.Convert(value, variable.Storage == VariableStorage.None ? typeof(object) : variable.Type);
        }
    }

    private ActivityCompletionCallback? RestoredCallback() =>
        restoredCallback is null || ParentContext is null ? null : CallbackNames.Completion(restoredCallback, ParentContext.activity);

    private static JsonNode? PayloadJson(object? payload) => payload switch
    {
        null => null,
        JsonNode node => node.DeepClone(),
        _ => JsonSerializer.SerializeToNode(payload, payload.GetType(), PayloadOptions),
    };
}
