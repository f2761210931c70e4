using System;
using System.Reflection;

namespace TorchSharp
{
    namespace Utils
    {
        /// <summary>Names the component that a field holds otherwise than the field.</summary>
        [AttributeUsage(AttributeTargets.Field)]
        public class ComponentNameAttribute : Attribute
        {
            public string Name { get; set; }
        }
    }

    public static class FieldInfoExtensionMethods
    {
        public static string ComponentName(this FieldInfo field) =>
            field.GetCustomAttribute<Utils.ComponentNameAttribute>()?.Name ?? field.Name;
    }
}
